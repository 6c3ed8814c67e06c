"""What the doctor says of a training that has just ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lamina.cli.exits import say

if TYPE_CHECKING:
    from lamina.inspection import Diagnosis, GradientFlow


def diagnosis_of(network: Any, flow: GradientFlow, validation: tuple) -> Diagnosis | None:
    """The findings about a network, or None where the doctor cannot tell; a finished training must not fail for that.

    Without the explanations that train copies of the network: they would take longer than the training itself.
    """
    from lamina.inspection import Diagnosis, look_through, record_of

    try:
        return Diagnosis(look_through(record_of(network, flow.X, flow.y, validation, flow)))
    except Exception as error:
        say(f"Warning: the doctor can't examine this training ({type(error).__name__}: {error}).")
        return None
