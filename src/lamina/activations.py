"""Activation functions by name; the derivative is automatic, so any JAX-traceable callable serves as one too.

Names and defaults are Keras' (and scikit-learn's, where the two do not conflict). The estimators' "leaky_relu" has the
slope 0.01 instead of Keras' 0.2; they ask for it with the layer ``LeakyReLU(0.01)``.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from lamina.registry import Registry

Activation = Callable[..., jax.Array]

ACTIVATIONS: Registry[Activation] = Registry("activation")

#: what makes mean 0 and variance 1 a fixed point (Klambauer et al., 2017, equation 14)
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@ACTIVATIONS.register("identity", "linear")
def identity(z):
    """z."""
    return z


@ACTIVATIONS.register("logistic", "sigmoid")
def logistic(z):
    """1 / (1 + exp(-z))."""
    return jax.lax.logistic(z)


@ACTIVATIONS.register("tanh")
def tanh(z):
    """tanh(z)."""
    return jax.lax.tanh(z)


@ACTIVATIONS.register("relu")
def relu(z, negative_slope=0.0, max_value=None, threshold=0.0):
    """z above the threshold, at most `max_value`; ``negative_slope (z - threshold)`` below. Derivative 0 at 0."""
    above = jax.nn.relu(z) if threshold == 0 else jnp.where(z > threshold, z, 0)
    if max_value is not None:
        above = jnp.minimum(above, max_value)
    return above if negative_slope == 0 else above - negative_slope * jax.nn.relu(threshold - z)


@ACTIVATIONS.register("relu6")
def relu6(z):
    """min(max(z, 0), 6)."""
    return relu(z, max_value=6.0)


@ACTIVATIONS.register("leaky_relu")
def leaky_relu(z, negative_slope=0.2):
    """z above 0, ``negative_slope z`` below."""
    return jax.nn.leaky_relu(z, negative_slope)


@ACTIVATIONS.register("elu")
def elu(z, alpha=1.0):
    """z above 0, alpha (exp(z) - 1) below (Clevert et al., 2016)."""
    below = jnp.where(z > 0, 0, z)  # exp must not overflow where its value is not used: its derivative would be nan
    return jnp.where(z > 0, z, alpha * (jnp.exp(below) - 1))  # off by a rounding of 1; expm1 takes twice as long


@ACTIVATIONS.register("celu")
def celu(z, alpha=1.0):
    """z above 0, alpha (exp(z / alpha) - 1) below: ELU with a continuous derivative (Barron, 2017)."""
    return jax.nn.celu(z, alpha)


@ACTIVATIONS.register("selu")
def selu(z):
    """1.0507 z above 0, 1.0507 · 1.67326 (exp(z) - 1) below: keeps mean 0 and variance 1 (Klambauer et al., 2017)."""
    return SELU_SCALE * elu(z, SELU_ALPHA)


@ACTIVATIONS.register("gelu")
def gelu(z, approximate=False):
    """z times the normal distribution function at z, or its approximation by tanh (Hendrycks & Gimpel, 2016)."""
    return jax.nn.gelu(z, approximate)


@ACTIVATIONS.register("silu", "swish")
def silu(z):
    """z / (1 + exp(-z)) (Ramachandran et al., 2017)."""
    return jax.nn.silu(z)


@ACTIVATIONS.register("mish")
def mish(z):
    """z tanh(log(1 + exp(z))) (Misra, 2019)."""
    return jax.nn.mish(z)


@ACTIVATIONS.register("softmax")
def softmax(z, axis=-1):
    """exp(z) / sum(exp(z)) over an axis."""
    shifted = jnp.exp(z - jax.lax.stop_gradient(z.max(axis=axis, keepdims=True)))
    return shifted / shifted.sum(axis=axis, keepdims=True)


@ACTIVATIONS.register("exp", "exponential")
def exp(z):
    """exp(z)."""
    return jnp.exp(z)


@ACTIVATIONS.register("hard_sigmoid")
def hard_sigmoid(z):
    """z / 6 + 1 / 2, kept between 0 and 1."""
    return jax.nn.hard_sigmoid(z)


@ACTIVATIONS.register("hard_silu", "hard_swish")
def hard_silu(z):
    """z times `hard_sigmoid` (Howard et al., 2019)."""
    return jax.nn.hard_silu(z)


@ACTIVATIONS.register("hard_tanh")
def hard_tanh(z):
    """z, kept between -1 and 1."""
    return jax.nn.hard_tanh(z)


@ACTIVATIONS.register("squareplus")
def squareplus(z, b=4.0):
    """(z + sqrt(z² + b)) / 2 (Barron, 2021)."""
    return jax.nn.squareplus(z, b)


ACTIVATIONS.add("softplus", jax.nn.softplus)
ACTIVATIONS.add("softsign", jax.nn.soft_sign)
ACTIVATIONS.add("log_sigmoid", jax.nn.log_sigmoid)
ACTIVATIONS.add("log_softmax", jax.nn.log_softmax)


def get_activation(activation: str | Activation | None) -> Activation:
    """The function for a name; a callable is returned as it is, and None means the identity.

    >>> float(get_activation("relu")(-2.0))
    0.0
    """
    if activation is None:
        return identity
    return activation if callable(activation) else ACTIVATIONS[activation]


# Keras' names for the same functions
linear, sigmoid, swish, exponential, hard_swish = identity, logistic, silu, exp, hard_silu
softplus, softsign = jax.nn.softplus, jax.nn.soft_sign
log_sigmoid, log_softmax = jax.nn.log_sigmoid, jax.nn.log_softmax
get = get_activation


#: the ends of the ranges of the activations that are flat there on both sides
_RANGES = {
    logistic: (0.0, 1.0),
    tanh: (-1.0, 1.0),
    hard_sigmoid: (0.0, 1.0),
    hard_tanh: (-1.0, 1.0),
    jax.nn.soft_sign: (-1.0, 1.0),
}


def saturation_bounds(activation: Activation, share: float) -> tuple[float, float] | None:
    """What lies a share of the range away from its ends; None for an activation without two flat ends.

    >>> saturation_bounds(tanh, 0.025)
    (-0.95, 0.95)
    """
    if activation not in _RANGES:
        return None
    low, high = _RANGES[activation]
    return low + share * (high - low), high - share * (high - low)
