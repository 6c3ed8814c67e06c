"""What every initializer is: drawn on the host with NumPy, as every eager JAX call compiles a program of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina.errors import DataError
from lamina.recipe import Recipe
from lamina.registry import Registry

Shape = tuple[int, ...]
#: numbers of inputs and outputs of a unit
Fans = tuple[int, int]

INITIALIZERS: Registry[type[Initializer]] = Registry("initializer")


class Initializer(Recipe):
    """What draws the first weights of a layer.

    A subclass defines `draw`, or ``__call__(shape, dtype=None)`` as in Keras.

    Examples
    --------
    >>> class Countdown(Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return np.arange(np.prod(shape))[::-1].reshape(shape)
    >>> Countdown().draw(np.random.RandomState(0), (2, 2), (2, 2)).tolist()
    [[3.0, 2.0], [1.0, 0.0]]
    """

    #: of a generator of its own, so that every draw gives the same numbers; None draws from the model's
    seed: int | None = None

    def draw(self, rng: np.random.RandomState, shape: Shape, fans: Fans) -> np.ndarray:
        """Weights in float64 for units with the given numbers of inputs and outputs."""
        if type(self).__call__ is Initializer.__call__:
            raise NotImplementedError(
                f"{type(self).__name__} defines neither draw(rng, shape, fans) nor __call__(shape, dtype)."
            )
        return drawn_by(self, shape)

    def __call__(self, shape: Shape, dtype: Any = None) -> np.ndarray:
        """Weights of the given shape, outside of any model."""
        rng = np.random.RandomState(np.random.randint(2**31))
        return self.draw(rng, tuple(shape), fans_of(tuple(shape))).astype(dtype or np.float32)

    def _generator(self, rng: np.random.RandomState) -> np.random.RandomState:
        return rng if self.seed is None else np.random.RandomState(self.seed)


def fans_of(shape: Shape) -> Fans:
    """Numbers of inputs and outputs of a unit, for weights whose last two axes are those (Keras' rule).

    >>> fans_of((3, 5)), fans_of((4,)), fans_of((3, 3, 8, 16))
    ((3, 5), (4, 4), (72, 144))
    """
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    field = math.prod(shape[:-2])
    return field * shape[-2], field * shape[-1]


def drawn_by(function: Callable, shape: Shape) -> np.ndarray:
    """What a function ``(shape, dtype)`` returns, if it has that shape."""
    drawn = np.asarray(function(shape, dtype="float32"), np.float64)
    if drawn.shape != shape:
        raise DataError(f"An initializer was asked for the shape {shape} and returned {drawn.shape}: {function!r}.")
    return drawn
