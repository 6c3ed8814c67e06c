"""Constraints: what weights are brought back to after each update, by Keras' definitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from lamina.checks import Kind, Number, check_value
from lamina.recipe import Recipe
from lamina.registry import Registry

CONSTRAINTS: Registry[Callable[[], Constraint]] = Registry("constraint")

_AXES = Kind((int, tuple, list), "an axis number or several, such as 0 for the inputs of each unit of a Dense layer")
#: Keras' guard against division by 0
_EPSILON = 1e-7


class Constraint(Recipe):
    """A projection of an array of weights; a subclass defines ``__call__(weights) -> weights`` in JAX.

    Examples
    --------
    >>> class Centred(Constraint):
    ...     def __call__(self, weights):
    ...         return weights - weights.mean()
    >>> Centred()(jnp.array([1.0, 3.0])).tolist()
    [-1.0, 1.0]
    """

    def __call__(self, weights: jax.Array) -> jax.Array:
        """The weights that are nearest, in some sense, among those allowed."""
        raise NotImplementedError(f"{type(self).__name__} does not define __call__(weights).")


@CONSTRAINTS.register("non_neg", "NonNeg")
class NonNeg(Constraint):
    """``max(w, 0)``.

    Examples
    --------
    >>> NonNeg()(jnp.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __call__(self, weights):
        return jnp.maximum(weights, 0)


@CONSTRAINTS.register("max_norm", "MaxNorm")
class MaxNorm(Constraint):
    """Weights whose norm along `axis` is above `max_value` are scaled down to it.

    ``w min(|w|, max_value) / (|w| + 1e-7)``

    Parameters
    ----------
    max_value : float, default=2
        The largest norm. A new value compiles nothing.
    axis : int or tuple of int, default=0
        Axes of one norm; 0 is the inputs of each unit of a Dense layer.

    References
    ----------
    Srivastava et al. (2014), Dropout: a simple way to prevent neural networks from overfitting.

    Examples
    --------
    >>> MaxNorm(2.0)(jnp.array([[4.0, 1.0]])).round(4).tolist()
    [[2.0, 1.0]]
    """

    traced: ClassVar[tuple[str, ...]] = ("max_value",)

    def __init__(self, max_value: float = 2, axis: int | tuple[int, ...] = 0) -> None:
        self.max_value = check_value("MaxNorm", "max_value", max_value, Number(0))
        self.axis = check_value("MaxNorm", "axis", axis, _AXES)

    def __call__(self, weights):
        norm = _norm(weights, self.axis)
        return weights * (jnp.minimum(norm, self.max_value) / (_EPSILON + norm))


@CONSTRAINTS.register("unit_norm", "UnitNorm")
class UnitNorm(Constraint):
    """Weights are scaled to the norm 1 along `axis`: ``w / (|w| + 1e-7)``.

    Parameters
    ----------
    axis : int or tuple of int, default=0
        Axes of one norm; 0 is the inputs of each unit of a Dense layer.

    Examples
    --------
    >>> UnitNorm()(jnp.array([[4.0, 0.5]])).round(4).tolist()
    [[1.0, 1.0]]
    """

    def __init__(self, axis: int | tuple[int, ...] = 0) -> None:
        self.axis = check_value("UnitNorm", "axis", axis, _AXES)

    def __call__(self, weights):
        return weights / (_EPSILON + _norm(weights, self.axis))


@CONSTRAINTS.register("min_max_norm", "MinMaxNorm")
class MinMaxNorm(Constraint):
    """Weights are scaled so that their norm along `axis` lies between two values, or nearer to them.

    ``w (rate clip(|w|, min_value, max_value) + (1 - rate) |w|) / (|w| + 1e-7)``

    Parameters
    ----------
    min_value, max_value : float, default=0.0, 1.0
        The bounds of the norm. New values compile nothing.
    rate : float, default=1.0
        Share of the way that one update goes, from 0 to 1. A new value compiles nothing.
    axis : int or tuple of int, default=0
        Axes of one norm; 0 is the inputs of each unit of a Dense layer.

    Examples
    --------
    >>> MinMaxNorm(10.0, 20.0)(jnp.array([[3.0], [4.0]])).round(2).tolist()
    [[6.0], [8.0]]
    """

    traced: ClassVar[tuple[str, ...]] = ("min_value", "max_value", "rate")

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: int | tuple[int, ...] = 0
    ) -> None:
        self.min_value = check_value("MinMaxNorm", "min_value", min_value, Number(0))
        self.max_value = check_value("MinMaxNorm", "max_value", max_value, Number(min_value))
        self.rate = check_value("MinMaxNorm", "rate", rate, Number(0, 1))
        self.axis = check_value("MinMaxNorm", "axis", axis, _AXES)

    def __call__(self, weights):
        norm = _norm(weights, self.axis)
        wanted = self.rate * jnp.clip(norm, self.min_value, self.max_value) + (1 - self.rate) * norm
        return weights * (wanted / (_EPSILON + norm))


def get_constraint(constraint: Any) -> Any:
    """The constraint for a name, a class, an object or a function of the weights; None stays None.

    >>> get_constraint("max_norm")
    MaxNorm()
    """
    if isinstance(constraint, type) and issubclass(constraint, Constraint):
        return constraint()
    return constraint if constraint is None or callable(constraint) else CONSTRAINTS[constraint]()


def _norm(weights: jax.Array, axis) -> jax.Array:
    axes = tuple(axis) if isinstance(axis, list) else axis
    return jnp.sqrt(jnp.sum(jnp.square(weights), axis=axes, keepdims=True))


# Keras' function-like spellings
non_neg, max_norm, unit_norm, min_max_norm = NonNeg, MaxNorm, UnitNorm, MinMaxNorm
get = get_constraint
