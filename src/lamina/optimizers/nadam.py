"""Nadam."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lamina.optimizers.adam import AdamLike, running_moments
from lamina.optimizers.base import Hyper

#: the momentum of step t is ``beta_1 (1 - 0.5 · 0.96^t)``
_WARMING = 0.96


class NadamState(NamedTuple):
    """Number of updates so far, the running means of g and g², and the product of all momenta."""

    steps: Any
    mean: Any
    square: Any
    product: Any


class Nadam(AdamLike):
    """Adam that looks ahead along its momentum, as Nesterov's does.

    ``w -= learning_rate · (u' m / (1 - p u') + (1 - u) g / (1 - p)) / (sqrt(v / (1 - beta_2^t)) + epsilon)`` with the
    momentum ``u = beta_1 (1 - 0.5 · 0.96^t)`` of this step, u' of the next, and p the product of all u so far. This is
    the paper's momentum schedule, as in Keras; Optax' ``nadam`` keeps the momentum constant.

    Parameters
    ----------
    learning_rate : float, schedule or callable, default=0.001
        Size of the steps.
    beta_1 : float, default=0.9
        Share of the old mean gradient m in each new one, from 0 to below 1.
    beta_2 : float, default=0.999
        The same for the mean v of the squares of the gradients.
    epsilon : float, default=1e-7
        Keeps the divisor away from 0.
    **common
        As in `Optimizer`.

    References
    ----------
    Dozat (2016), Incorporating Nesterov momentum into Adam.

    Examples
    --------
    >>> Nadam(0.002)
    Nadam(learning_rate=0.002)
    """

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        rate, beta_1, beta_2, epsilon = (hyper[key] for key in ("learning_rate", "beta_1", "beta_2", "epsilon"))

        def init(params):
            zeros = jax.tree.map(jnp.zeros_like, params)
            return NadamState(jnp.zeros((), jnp.int32), zeros, zeros, jnp.ones_like(beta_1))

        def update(grads, state, params=None):
            count = state.steps + 1
            t = count.astype(beta_1.dtype)
            now, later = (beta_1 * (1 - 0.5 * _WARMING**s) for s in (t, t + 1))
            product = state.product * now
            mean, square = running_moments(grads, state, beta_1, beta_2)
            of_mean, of_grad, of_square = later / (1 - product * later), (1 - now) / (1 - product), 1 / (1 - beta_2**t)
            updates = jax.tree.map(
                lambda g, m, v: -rate * (of_mean * m + of_grad * g) / (jnp.sqrt(v * of_square) + epsilon),
                grads,
                mean,
                square,
            )
            return updates, NadamState(count, mean, square, product)

        return optax.GradientTransformation(init, update)

    def begin(self, params: Any) -> Any:
        state = super().begin(params)
        return state._replace(product=np.ones_like(state.product))
