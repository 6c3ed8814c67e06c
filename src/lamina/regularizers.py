"""Regularizers: penalties on weights that are added to the loss as they are, by Keras' definitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from lamina.checks import Number, check_value
from lamina.recipe import Recipe
from lamina.registry import Registry

REGULARIZERS: Registry[Callable[[], Regularizer]] = Registry("regularizer")


class Regularizer(Recipe):
    """A penalty on an array of weights; a subclass defines ``__call__(weights) -> scalar`` in JAX.

    Examples
    --------
    >>> class Spread(Regularizer):
    ...     def __call__(self, weights):
    ...         return weights.max() - weights.min()
    >>> float(Spread()(jnp.array([1.0, 4.0])))
    3.0
    """

    def __call__(self, weights: jax.Array) -> jax.Array:
        """The penalty."""
        raise NotImplementedError(f"{type(self).__name__} does not define __call__(weights).")


@REGULARIZERS.register("L1L2")
class L1L2(Regularizer):
    """``l1 sum |w| + l2 sum w²``.

    Parameters
    ----------
    l1, l2 : float, default=0.0
        The factors, at least 0. New values compile nothing. By name, "l1_l2" means 0.01 for both.

    Examples
    --------
    >>> float(L1L2(l1=1.0, l2=0.5)(jnp.array([-2.0])))
    4.0
    """

    traced: ClassVar[tuple[str, ...]] = ("l1", "l2")

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = check_value("L1L2", "l1", l1, Number(0))
        self.l2 = check_value("L1L2", "l2", l2, Number(0))

    def __call__(self, weights):
        return self.l1 * jnp.sum(jnp.abs(weights)) + self.l2 * jnp.sum(jnp.square(weights))


@REGULARIZERS.register("l1", "L1")
class L1(Regularizer):
    """``l1 sum |w|``: drives weights to 0.

    Parameters
    ----------
    l1 : float, default=0.01
        The factor, at least 0. A new value compiles nothing.

    Examples
    --------
    >>> float(L1(0.5)(jnp.array([-2.0, 4.0])))
    3.0
    """

    traced: ClassVar[tuple[str, ...]] = ("l1",)

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = check_value("L1", "l1", l1, Number(0))

    def __call__(self, weights):
        return self.l1 * jnp.sum(jnp.abs(weights))


@REGULARIZERS.register("l2", "L2")
class L2(Regularizer):
    """``l2 sum w²``: keeps weights small.

    Parameters
    ----------
    l2 : float, default=0.01
        The factor, at least 0. A new value compiles nothing.

    Examples
    --------
    >>> float(L2(0.5)(jnp.array([-2.0, 4.0])))
    10.0
    """

    traced: ClassVar[tuple[str, ...]] = ("l2",)

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = check_value("L2", "l2", l2, Number(0))

    def __call__(self, weights):
        return self.l2 * jnp.sum(jnp.square(weights))


REGULARIZERS.add("l1_l2", lambda: L1L2(0.01, 0.01))


def get_regularizer(regularizer: Any) -> Any:
    """The regularizer for a name, a class, an object or a function of the weights; None stays None.

    >>> get_regularizer("l2")
    L2()
    """
    if isinstance(regularizer, type) and issubclass(regularizer, Regularizer):
        return regularizer()
    return regularizer if regularizer is None or callable(regularizer) else REGULARIZERS[regularizer]()


# Keras' function-like spellings
l1, l2, l1_l2 = L1, L2, L1L2
get = get_regularizer
