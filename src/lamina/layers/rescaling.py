"""The layer that multiplies and adds fixed numbers."""

from __future__ import annotations

import jax.numpy as jnp

from lamina.checks import Kind, check_value
from lamina.layers.base import Layer

_NUMBERS = Kind((int, float, list, tuple), "a number, or one for each feature")


class Rescaling(Layer):
    """``scale x + offset``: brings pixels from 0 to 255 between 0 and 1, for example.

    Parameters
    ----------
    scale : float or list of float
        What the inputs are multiplied by; a list has a number for each feature.
    offset : float or list of float, default=0.0
        What is added then.
    **common
        As in `Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> Rescaling(1 / 127.5, offset=-1)(np.array([[0.0, 255.0]], np.float32)).tolist()
    [[-1.0, 1.0]]
    """

    def __init__(
        self,
        scale: float | list[float] | tuple[float, ...],
        offset: float | list[float] | tuple[float, ...] = 0.0,
        **common,
    ) -> None:
        super().__init__(**common)
        self.scale = check_value("Rescaling", "scale", scale, _NUMBERS)
        self.offset = check_value("Rescaling", "offset", offset, _NUMBERS)

    def apply(self, params, state, x, call):
        return x * jnp.asarray(self.scale, x.dtype) + jnp.asarray(self.offset, x.dtype), state
