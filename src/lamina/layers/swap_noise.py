"""Swap noise: cells that take the values of other rows."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from lamina import noise
from lamina.checks import Is, Kind, Number, check_number, check_value
from lamina.errors import DataError
from lamina.layers.base import Layer


class SwapNoise(Layer):
    """In training, each cell takes with probability `rate` the value that another row of its batch has in its column.

    The other row is drawn for every cell by itself. Whatever a column holds, so do its noisy cells: noise of numbers of
    any distribution, and of categories. A row that is alone in its batch stays as it is.

    Parameters
    ----------
    rate : float
        Share of the cells to swap, from 0 to below 1. A new value compiles nothing.
    widths : sequence of int, optional
        Numbers of neighbouring columns that are swapped as one, such as the columns of a one-hot encoded category;
        their sum is the number of columns. By default every column is by itself.
    **common
        As in `Layer`.

    Raises
    ------
    DataError
        If the widths don't sum to the number of columns.

    References
    ----------
    Jahrer (2018), first place of Kaggle's Porto Seguro competition.

    Examples
    --------
    >>> SwapNoise(0.15)
    SwapNoise(rate=0.15)
    """

    traced: ClassVar[tuple[str, ...]] = ("rate",)
    noisy = True

    def __init__(self, rate: Any, widths: Any = None, **common) -> None:
        super().__init__(**common)
        self.rate = check_number("SwapNoise", "rate", rate, Number(0, 1, open_high=True))
        check_value("SwapNoise", "widths", widths, Is(None), Kind((list, tuple), "a sequence of widths"))
        self.widths = None if widths is None else tuple(widths)

    def init(self, rng, input_shape):
        n_columns = int(np.prod(input_shape))
        if self.widths is not None and sum(self.widths) != n_columns:
            raise DataError(f"SwapNoise has widths of {sum(self.widths)} columns in all, but its inputs {n_columns}.")
        return {}, {}, input_shape

    def apply(self, params, state, x, call):
        if not call.training:
            return x, state
        cells = x.reshape(len(x), -1)
        widths = np.ones(cells.shape[1], int) if self.widths is None else np.array(self.widths)
        shape = (len(x), len(widths))
        swapped = self.swapped(call, shape)
        donors = _other_rows(noise.fold(call.seed, 1), shape, call.rows)
        column = np.repeat(np.arange(len(widths)), widths)
        taken = jnp.take_along_axis(cells, donors[:, column], axis=0)
        return jnp.where(swapped[:, column], taken, cells).reshape(x.shape), state

    def swapped(self, call, shape: tuple[int, int]) -> jax.Array:
        """Which cells take another row's value."""
        return noise.bernoulli(noise.fold(call.seed, 0), call.hyper["rate"], shape)


def _other_rows(seed: jax.Array, shape: tuple[int, int], weight: jax.Array | None) -> jax.Array:
    """For every cell the number of a row that is not its own, and not one that weighs nothing."""
    there = jnp.ones(shape[0], bool) if weight is None else weight != 0
    n_there = jnp.sum(there)
    numbers = jnp.nonzero(there, size=shape[0], fill_value=0)[0]
    own = jnp.cumsum(there) - 1
    steps = 1 + jnp.floor(noise.uniform(seed, shape) * (n_there - 1)).astype(own.dtype)
    return numbers[(own[:, None] + steps) % jnp.maximum(n_there, 1)]
