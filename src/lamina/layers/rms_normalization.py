"""The layer that brings its inputs to a root mean square of 1."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from lamina.checks import Kind, Number, check_value
from lamina.layers.base import Layer


class RMSNormalization(Layer):
    """``scale x / sqrt(mean(x^2) + epsilon)``, with the mean of each row by itself.

    As `LayerNormalization` without taking the mean off, and therefore cheaper.

    Parameters
    ----------
    axis : int, default=-1
        The axis that is normalised.
    epsilon : float, default=1e-6
        Added to the mean square.
    **common
        As in `Layer`.

    References
    ----------
    Zhang & Sennrich (2019), Root mean square layer normalization.

    Examples
    --------
    >>> import numpy as np
    >>> RMSNormalization()(np.array([[2.0, -2.0]], np.float32)).round(2).tolist()
    [[1.0, -1.0]]
    """

    def __init__(self, axis: int = -1, epsilon: float = 1e-6, **common) -> None:
        super().__init__(**common)
        axis_number = Kind((int,), "an axis number, such as -1 for the last")
        self.axis = check_value("RMSNormalization", "axis", axis, axis_number)
        self.epsilon = check_value("RMSNormalization", "epsilon", epsilon, Number(0))

    def init(self, rng, input_shape):
        return {"scale": np.ones(input_shape[self.axis if self.axis < 0 else self.axis - 1])}, {}, input_shape

    def apply(self, params, state, x, call):
        x = jnp.moveaxis(x, self.axis, -1)
        y = x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + self.epsilon) * params["scale"]
        return jnp.moveaxis(y, -1, self.axis), state
