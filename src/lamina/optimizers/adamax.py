"""AdaMax."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from lamina.optimizers.adam import AdamLike
from lamina.optimizers.base import Hyper


class AdamaxState(NamedTuple):
    """Number of updates so far, the running mean of g, and the decaying maximum of its size."""

    steps: Any
    mean: Any
    largest: Any


class Adamax(AdamLike):
    """Adam by the largest gradient.

    ``u = max(beta_2 u, |g|); w -= learning_rate / (1 - beta_1^t) · m / (u + epsilon)``.

    Epsilon is added to u, as in Keras; Optax' ``adamax`` adds it to ``|g|``.

    Parameters
    ----------
    learning_rate : float, schedule or callable, default=0.001
        Size of the steps.
    beta_1 : float, default=0.9
        Share of the old mean gradient m in each new one, from 0 to below 1.
    beta_2 : float, default=0.999
        Decay of the maximum u.
    epsilon : float, default=1e-7
        Keeps the divisor away from 0.
    **common
        As in `Optimizer`.

    References
    ----------
    Kingma & Ba (2014), Adam: a method for stochastic optimization, section 7.1.

    Examples
    --------
    >>> Adamax(0.002)
    Adamax(learning_rate=0.002)
    """

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        beta_1, beta_2, epsilon = hyper["beta_1"], hyper["beta_2"], hyper["epsilon"]

        def init(params):
            zeros = jax.tree.map(jnp.zeros_like, params)
            return AdamaxState(jnp.zeros((), jnp.int32), zeros, zeros)

        def update(grads, state, params=None):
            count = state.steps + 1
            scale = hyper["learning_rate"] / (1 - beta_1 ** count.astype(beta_1.dtype))
            mean = jax.tree.map(lambda m, g: beta_1 * m + (1 - beta_1) * g, state.mean, grads)
            largest = jax.tree.map(lambda u, g: jnp.maximum(beta_2 * u, jnp.abs(g)), state.largest, grads)
            updates = jax.tree.map(lambda m, u: -scale * m / (u + epsilon), mean, largest)
            return updates, AdamaxState(count, mean, largest)

        return optax.GradientTransformation(init, update)
