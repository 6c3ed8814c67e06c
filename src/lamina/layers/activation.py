"""Activations as layers of their own."""

from __future__ import annotations

from lamina.activations import Activation as Function
from lamina.activations import get_activation
from lamina.layers.base import Layer


class Activation(Layer):
    """Any activation, by name or as a function, as a layer: for normalisation between a sum and its activation.

    Parameters
    ----------
    activation : str or callable
        Name of an activation or any function of an array that JAX can trace.
    **common
        As in `Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> Activation("relu")(np.array([[-1.0, 2.0]], np.float32)).tolist()
    [[0.0, 2.0]]
    """

    def __init__(self, activation: str | Function, **common) -> None:
        super().__init__(**common)
        get_activation(activation)
        self.activation = activation

    def apply(self, params, state, x, call):
        return get_activation(self.activation)(x), state
