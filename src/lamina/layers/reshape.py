"""Layers that change the shape of rows and nothing else."""

from __future__ import annotations

import math

from lamina.checks import Kind, check_value
from lamina.errors import DataError, InvalidParameter
from lamina.layers.base import Layer, Shape

_SHAPE = Kind((tuple, list), "the sizes of one row without the row axis, such as (28, 28) or (4,)")


class InputLayer(Layer):
    """Says the shape of a row, and computes nothing.

    Parameters
    ----------
    shape : tuple of int, optional
        Shape of one row; ``input_shape=`` and ``input_dim=`` are understood too.
    **common
        As in `Layer`.

    Raises
    ------
    InvalidParameter
        Without any shape.

    Examples
    --------
    >>> InputLayer(shape=[28, 28]).input_shape
    (28, 28)
    """

    def __init__(self, shape: Shape | list[int] | None = None, **common) -> None:
        super().__init__(**common)
        given = self.input_shape if shape is None else shape
        self.shape: Shape = tuple(check_value("InputLayer", "shape", given, _SHAPE))
        self.input_shape = self.shape

    def init(self, rng, input_shape):
        if tuple(input_shape) != self.shape:
            raise DataError(
                f"The model's rows were declared to have the shape {self.shape}, but received {tuple(input_shape)}. "
                "Change the shape of the Input or the data."
            )
        return {}, {}, input_shape

    def apply(self, params, state, x, call):
        return x, state


class Flatten(Layer):
    """Each row's numbers in one line, the last axis fastest.

    Parameters
    ----------
    **common
        As in `Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> Flatten()(np.zeros((5, 28, 28), np.float32)).shape
    (5, 784)
    """

    def init(self, rng, input_shape):
        return {}, {}, (math.prod(input_shape),)

    def apply(self, params, state, x, call):
        return x.reshape(x.shape[0], math.prod(x.shape[1:])), state


class Reshape(Layer):
    """Each row's numbers in another shape.

    Parameters
    ----------
    target_shape : tuple of int
        The new shape of a row; one size may be -1 and follows from the others.
    **common
        As in `Layer`.

    Raises
    ------
    DataError
        If the rows have another number of numbers.

    Examples
    --------
    >>> import numpy as np
    >>> Reshape((28, -1))(np.zeros((5, 784), np.float32)).shape
    (5, 28, 28)
    """

    def __init__(self, target_shape: Shape | list[int], **common) -> None:
        super().__init__(**common)
        self.target_shape = tuple(check_value("Reshape", "target_shape", target_shape, _SHAPE))
        if self.target_shape.count(-1) > 1:
            raise InvalidParameter(
                f"Reshape expects at most one size of -1. Received target_shape={self.target_shape!r}."
            )

    def init(self, rng, input_shape):
        return {}, {}, self._filled(input_shape)

    def apply(self, params, state, x, call):
        return x.reshape(x.shape[0], *self._filled(x.shape[1:])), state

    def _filled(self, input_shape: Shape) -> Shape:
        size, known = math.prod(input_shape), math.prod(n for n in self.target_shape if n != -1)
        shape = tuple(size // max(known, 1) if n == -1 else n for n in self.target_shape)
        if math.prod(shape) != size:
            raise DataError(
                f"Reshape cannot bring rows of shape {tuple(input_shape)} ({size} numbers) to {self.target_shape}. "
                "Give a shape with as many numbers."
            )
        return shape


Input = InputLayer
