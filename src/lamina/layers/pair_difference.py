"""The difference between the two halves of a pair."""

from __future__ import annotations

import jax.numpy as jnp

from lamina.errors import DataError
from lamina.layers.base import Layer


class PairDifference(Layer):
    """``|a - b|`` of rows that hold two things: the middle of a Siamese network.

    The layers before it take rows of shape (2, n_features) and treat both halves alike, with the same weights, so the
    outputs do not depend on which half comes first.

    Parameters
    ----------
    **common
        As in `Layer`.

    Raises
    ------
    DataError
        If the first axis of a row has another length than 2.

    References
    ----------
    Koch, Zemel & Salakhutdinov (2015), Siamese neural networks for one-shot image recognition.

    Examples
    --------
    >>> import numpy as np
    >>> PairDifference()(np.array([[[1.0, 5.0], [4.0, 3.0]]], np.float32)).tolist()
    [[3.0, 2.0]]
    """

    def init(self, rng, input_shape):
        if len(input_shape) < 2 or input_shape[0] != 2:
            raise DataError(
                f"PairDifference takes rows of shape (2, n_features), a pair each. Received {tuple(input_shape)}. Put "
                "the two halves of a pair on an axis of their own: numpy.stack([a, b], axis=1)."
            )
        return {}, {}, tuple(input_shape[1:])

    def apply(self, params, state, x, call):
        return jnp.abs(x[:, 0] - x[:, 1]), state
