"""What the doctor says of a training that has just ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lamina.cli.exits import say

if TYPE_CHECKING:
    from lamina.inspection import Diagnosis, GradientFlow


def diagnosis_of(network: Any, flow: GradientFlow, validation: tuple) -> Diagnosis | None:
    """The findings about a network, or None where the doctor fails.

    Without the explanations that train copies of the network: they would take longer than the training itself.
    """
    from lamina.inspection import Diagnosis, look_through, record_of

    try:
        return Diagnosis(look_through(record_of(network, flow.X, flow.y, validation, flow)))
    except Exception as error:
        # Whatever it is: rows and settings were good enough to train with, so that the fault is the doctor's own, and
        # the scores, the second training and the report are not to be lost by it. Ctrl-C is no Exception.
        say(
            f"Warning: the doctor failed on this training ({type(error).__name__}: {error}). This is a fault of "
            "lamina, worth a bug report. The model and the scores are not touched by it; the report has no findings."
        )
        return None
