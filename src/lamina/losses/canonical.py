"""The estimators' losses, as functions of the targets and of the output *before* its link (softmax, exp, ...).

Each loss has the derivative ``link(z) - y`` by definition, which is exact, cheap and never divides by a vanishing
probability. Values are scikit-learn's: probabilities are clipped to [eps, 1 - eps], Poisson is half the deviance,
and squared error averages over outputs while its derivative does not (scikit-learn's convention too).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy.special import xlogy

from lamina.activations import get_activation
from lamina.losses.base import Loss, LossFunction
from lamina.registry import Registry

#: scikit-learn's losses by its names
LOSSES: Registry[Loss] = Registry("loss")


def _canonical(name: str, link_name: str):
    """Enter ``value(y, prediction)`` as the loss `name`, with derivative ``link(z) - y``."""
    link = get_activation(link_name)

    def enter(value):
        @jax.custom_jvp
        def of_output(y, z):
            return value(y, link(z))

        @of_output.defjvp
        def _(primals, tangents):
            y, z = primals
            return of_output(y, z), jnp.sum((link(z) - y) * tangents[1], axis=-1)

        LOSSES.add(name, LossFunction(of_output, link_name))
        return value

    return enter


def _clip(probability):
    eps = jnp.finfo(probability.dtype).eps
    return jnp.clip(probability, eps, 1 - eps)


@_canonical("log_loss", "softmax")
def log_loss(y, p):
    """-sum_k y_k log p_k."""
    return -jnp.sum(y * jnp.log(_clip(p)), axis=-1)


@_canonical("binary_log_loss", "logistic")
def binary_log_loss(y, p):
    """-sum_k [y_k log p_k + (1 - y_k) log(1 - p_k)]."""
    p = _clip(p)
    return -jnp.sum(y * jnp.log(p) + (1 - y) * jnp.log(1 - p), axis=-1)


@_canonical("squared_error", "identity")
def squared_error(y, p):
    """Half the mean over outputs of (y - p)^2."""
    return 0.5 * jnp.mean((y - p) ** 2, axis=-1)


@_canonical("poisson", "exp")
def poisson(y, p):
    """sum_k [y log(y / p) - y + p]: half the Poisson deviance."""
    return jnp.sum(xlogy(y, y / p) - y + p, axis=-1)
