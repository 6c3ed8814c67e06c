"""Layers that pass their inputs on, and make the training pay for how active they are."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from lamina.checks import Number, check_number
from lamina.layers.base import Layer
from lamina.losses.regression import EPSILON


class ActivityRegularization(Layer):
    """Adds ``l1 sum_j |x_j| + l2 sum_j x_j²``, as a mean over the rows, to the training loss.

    The losses of `evaluate` and of validation rows are without it.

    Parameters
    ----------
    l1, l2 : float, default=0.0
        The factors, at least 0. New values compile nothing.
    **common
        As in `Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> layer = ActivityRegularization(l1=0.5)
    >>> float(layer.activity_penalty(np.array([[1.0, -3.0], [2.0, 0.0]]), np.ones(2)))
    1.5
    """

    traced: ClassVar[tuple[str, ...]] = ("l1", "l2")

    def __init__(self, l1: Any = 0.0, l2: Any = 0.0, **common) -> None:
        super().__init__(**common)
        self.l1 = check_number("ActivityRegularization", "l1", l1, Number(0))
        self.l2 = check_number("ActivityRegularization", "l2", l2, Number(0))

    def apply(self, params, state, x, call):
        return x, state

    def activity_penalty(self, outputs, rows):
        sizes = self.l1 * jnp.abs(outputs) + self.l2 * jnp.square(outputs)
        return jnp.sum(_mean(sizes, rows))


class KLActivityRegularization(Layer):
    """Adds ``strength sum_j KL(target || mean activity of unit j)`` to the training loss: a sparse code.

    ``KL(t || a) = t log(t / a) + (1 - t) log((1 - t) / (1 - a))``, with the mean over the batch of activities between 0
    and 1, which a logistic activation gives. Each unit is drawn towards being active for a share `target` of the rows,
    rather than all units towards 0. The losses of `evaluate` and of validation rows are without it.

    Parameters
    ----------
    target : float, default=0.05
        The mean activity that each unit should have, above 0 and below 1. A new value compiles nothing.
    strength : float, default=0.1
        The factor, at least 0. A new value compiles nothing.
    **common
        As in `Layer`.

    References
    ----------
    Ng (2011), Sparse autoencoder, lecture notes of CS294A.

    Examples
    --------
    >>> import numpy as np
    >>> layer = KLActivityRegularization(target=0.25, strength=1.0)
    >>> round(float(layer.activity_penalty(np.array([[0.5], [0.5]]), np.ones(2))), 4)
    0.1308
    """

    traced: ClassVar[tuple[str, ...]] = ("target", "strength")

    def __init__(self, target: Any = 0.05, strength: Any = 0.1, **common) -> None:
        super().__init__(**common)
        owner = "KLActivityRegularization"
        self.target = check_number(owner, "target", target, Number(0, 1, open_low=True, open_high=True))
        self.strength = check_number(owner, "strength", strength, Number(0))

    def apply(self, params, state, x, call):
        return x, state

    def activity_penalty(self, outputs, rows):
        active, target = jnp.clip(_mean(outputs, rows), EPSILON, 1 - EPSILON), self.target
        on, off = target * jnp.log(target / active), (1 - target) * jnp.log((1 - target) / (1 - active))
        return self.strength * jnp.sum(on + off)


def _mean(values, rows):
    """The mean over the rows by their weights; padded rows, whatever they hold, don't count."""
    weight = rows.reshape(-1, *(1,) * (values.ndim - 1))
    return jnp.sum(jnp.where(weight != 0, values, 0) * weight, axis=0) / jnp.maximum(jnp.sum(rows), EPSILON)
