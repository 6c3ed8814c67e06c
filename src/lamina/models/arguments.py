"""Arguments of Keras' methods that have no counterpart here: accepted, or refused with what to do instead."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from lamina.errors import InvalidParameter, UnknownName

_LOADING = ("workers", "use_multiprocessing", "max_queue_size")
#: how Keras shall run a model; here every step is compiled, and all rows are on the device
WITHOUT_EFFECT = {
    "compile": ("run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss"),
    "fit": ("validation_batch_size", *_LOADING),
    "evaluate": _LOADING,
    "predict": _LOADING,
    "summary": ("line_length", "positions", "expand_nested", "show_trainable", "layer_range"),
}
#: what would change the numbers, and what to do instead
INSTEAD = {
    "compile": {"loss_weights": "A model of one output has one loss; multiply it in a function of your own."},
    "fit": {
        "steps_per_epoch": "An epoch is all rows once; give it fewer rows, or fewer epochs.",
        "validation_steps": "All validation rows count; give it fewer of them.",
    },
    "evaluate": {"steps": "All rows count; give it fewer of them."},
    "predict": {"steps": "All rows count; give it fewer of them."},
    "summary": {},
}


def check_others(method: Callable[..., Any], others: Mapping[str, Any]) -> None:
    """Raise for arguments of a method that would have an effect in Keras, or that nobody knows."""
    name = method.__name__
    for argument, value in others.items():
        if argument in INSTEAD[name] and value is not None:
            raise InvalidParameter(f"{name} takes no {argument}. {INSTEAD[name][argument]} Received {value!r}.")
        if argument not in (*WITHOUT_EFFECT[name], *INSTEAD[name]):
            known = [p.name for p in inspect.signature(method).parameters.values() if p.kind is not p.VAR_KEYWORD]
            raise UnknownName.among(f"argument of {name}", argument, known)
