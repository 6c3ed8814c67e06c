"""Losses and functions of losses by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from lamina.checks import Callable_, Kind, Name, check_value
from lamina.losses.base import LOSS_CLASSES, Loss, LossFunction


def get(loss: Any) -> Loss:
    """The loss for a name, a `Loss`, a class of losses, or any function of ``(y_true, y_pred)``.

    >>> get("mse")
    MeanSquaredError()
    >>> get("mean_sqared_error")
    Traceback (most recent call last):
        ...
    lamina.errors.UnknownName: Unknown loss "mean_sqared_error". Did you mean "mean_squared_error"? ...
    """
    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, str):
        return LOSS_CLASSES[loss]()
    loss = getattr(loss, "loss_class", loss)
    if isinstance(loss, type) and issubclass(loss, Loss):
        return loss()
    known = Name(tuple(LOSS_CLASSES))
    return LossFunction(check_value("compile", "loss", loss, known, Kind((Loss,), "a Loss"), Callable_()))


@cache
def function_named(name: str) -> Callable[..., Any]:
    """The function ``f(y_true, y_pred, **parameters)`` for the name of a loss; one value per row.

    >>> float(function_named("huber")([[0.0]], [[3.0]], delta=2.0)[0])
    4.0
    """
    import jax.numpy as jnp

    loss_class = LOSS_CLASSES[name]

    def function(y_true, y_pred, **parameters):
        return loss_class(**parameters).values(jnp.asarray(y_true), jnp.asarray(y_pred))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = loss_class.__doc__
    function.loss_class = loss_class  # type: ignore[attr-defined]
    return function
