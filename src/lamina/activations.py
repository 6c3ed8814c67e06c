"""Activation functions by name; the derivative is automatic, so any JAX-traceable callable serves as one too."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from lamina.registry import Registry

Activation = Callable[[jax.Array], jax.Array]

ACTIVATIONS: Registry[Activation] = Registry("activation")


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
def relu(z):
    """max(z, 0), with derivative 0 at 0."""
    return jax.nn.relu(z)


@ACTIVATIONS.register("softmax")
def softmax(z):
    """exp(z) / sum(exp(z)) over the last axis."""
    shifted = jnp.exp(z - jax.lax.stop_gradient(z.max(axis=-1, keepdims=True)))
    return shifted / shifted.sum(axis=-1, keepdims=True)


@ACTIVATIONS.register("exp", "exponential")
def exp(z):
    """exp(z)."""
    return jnp.exp(z)


@ACTIVATIONS.register("leaky_relu")
def leaky_relu(z):
    """max(z, 0.01 z)."""
    return jax.nn.leaky_relu(z, 0.01)


ACTIVATIONS.add("elu", jax.nn.elu)
ACTIVATIONS.add("selu", jax.nn.selu)
ACTIVATIONS.add("gelu", jax.nn.gelu)
ACTIVATIONS.add("silu", jax.nn.silu)
ACTIVATIONS.add("swish", jax.nn.silu)
ACTIVATIONS.add("mish", jax.nn.mish)
ACTIVATIONS.add("softplus", jax.nn.softplus)


def get_activation(activation: str | Activation) -> Activation:
    """The function for a name; a callable is returned as it is.

    >>> float(get_activation("relu")(-2.0))
    0.0
    """
    return activation if callable(activation) else ACTIVATIONS[activation]
