"""The layer that normalises groups of features."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from lamina.checks import Is, Kind, Number, check_value
from lamina.errors import DataError
from lamina.layers.base import Shape
from lamina.layers.normalization import Scaled


class GroupNormalization(Scaled):
    """``gamma (x - mean) / sqrt(variance + epsilon) + beta``, with the statistics of each row's groups of features.

    Neighbouring features form a group; in rows of several axes a group has its features at all places. One group is
    `LayerNormalization` of the whole row, one group for each feature is instance normalisation. Nothing depends on the
    batch, so training and prediction are alike.

    Parameters
    ----------
    groups : int, default=32
        Number of groups, which divides the number of features; -1 makes every feature a group.
    axis : int, default=-1
        The axis of the features.
    epsilon : float, default=0.001
        Added to the variance.
    center, scale : bool, default=True
        Whether there is a `beta`, a `gamma`.
    **common
        As in `LayerNormalization`: initializers, regularizers and constraints of `gamma` and `beta`; and as in `Layer`.

    Raises
    ------
    DataError
        If the features cannot be divided into so many groups.

    References
    ----------
    Wu & He (2018), Group normalization.

    Examples
    --------
    >>> import numpy as np
    >>> GroupNormalization(groups=2)(np.array([[1.0, 3.0, 10.0, 30.0]], np.float32)).round(2).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        **common,
    ) -> None:
        check_value(type(self).__name__, "axis", axis, Kind((int,), "an axis number, such as -1 for the last"))
        super().__init__(axis, epsilon, center, scale, **common)
        self.groups = check_value(type(self).__name__, "groups", groups, Number(1, whole=True), Is(-1))

    def init(self, rng, input_shape):
        self._check_groups(input_shape[self.axis if self.axis < 0 else self.axis - 1], input_shape)
        return super().init(rng, input_shape)

    def _check_groups(self, size: int, input_shape: Shape) -> None:
        if size % self._groups_of(size):
            possible = [number for number in range(1, size + 1) if size % number == 0]
            raise DataError(
                f"GroupNormalization(groups={self.groups}) cannot divide the {size} features of rows of shape "
                f"{tuple(input_shape)} into equal groups. Choose groups from {possible}, or -1."
            )

    def _groups_of(self, size: int) -> int:
        return size if self.groups == -1 else self.groups

    def apply(self, params, state, x, call):
        x = jnp.moveaxis(x, self.axis, -1)
        size = x.shape[-1]
        grouped = x.reshape(x.shape[0], -1, self._groups_of(size), size // self._groups_of(size))
        centred = grouped - grouped.mean((1, 3), keepdims=True)
        variance = jnp.mean(centred * centred, (1, 3), keepdims=True)
        y = (centred * jax.lax.rsqrt(variance + self.epsilon)).reshape(x.shape)
        y = y * params.get("gamma", 1) + params.get("beta", 0)
        return jnp.moveaxis(y, -1, self.axis), state
