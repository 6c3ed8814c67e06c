"""Optimizers by name."""

from __future__ import annotations

from typing import Any

import optax

from lamina.errors import InvalidParameter
from lamina.optimizers.adagrad import Adagrad
from lamina.optimizers.adam import Adam, AdamW
from lamina.optimizers.adamax import Adamax
from lamina.optimizers.base import Optimizer
from lamina.optimizers.lion import Lion
from lamina.optimizers.muon import Muon
from lamina.optimizers.nadam import Nadam
from lamina.optimizers.rmsprop import RMSprop
from lamina.optimizers.schedule_free import ScheduleFreeAdam
from lamina.optimizers.sgd import SGD
from lamina.optimizers.wrapper import Optax
from lamina.registry import Registry

OPTIMIZERS: Registry[type[Optimizer]] = Registry("optimizer")

for _kind in (SGD, Adagrad, RMSprop, Adam, Adamax, Nadam, AdamW, Lion, Muon, ScheduleFreeAdam):
    OPTIMIZERS.add(_kind.__name__.lower(), _kind)
OPTIMIZERS.add("schedulefreeadamw", ScheduleFreeAdam)


def get(identifier: Any) -> Optimizer:
    """The optimizer that `identifier` stands for.

    Parameters
    ----------
    identifier : str, Optimizer or optax.GradientTransformation
        A name in any case, for an optimizer with its defaults; an optimizer, returned as it is; or a transformation.

    Examples
    --------
    >>> get("RMSprop")
    RMSprop()
    >>> get("nadm")
    Traceback (most recent call last):
        ...
    lamina.errors.UnknownName: Unknown optimizer "nadm". Did you mean "nadam"? Known: adagrad, ...
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, optax.GradientTransformation):
        return Optax(identifier)
    if isinstance(identifier, str):
        return OPTIMIZERS[identifier.lower()]()
    raise InvalidParameter(
        "An optimizer is a name, an object of lamina.optimizers or an optax.GradientTransformation. "
        f"Received {identifier!r}."
    )
