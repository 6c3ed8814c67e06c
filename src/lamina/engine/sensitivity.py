"""How much a network's outputs change with each of its inputs."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp


def sensitivity(function: Callable[[jax.Array], jax.Array], x: jax.Array, largest: bool) -> jax.Array:
    """``|dy/dx|`` for each row and input: the mean over the outputs, or that of the row's largest output.

    `function` must treat rows one by one, so that the gradient of a sum over rows has each row's own in its place.
    """
    y, pull_back = jax.vjp(lambda rows: function(rows).reshape(len(rows), -1), x)
    n_outputs = y.shape[1]
    if largest:
        return jnp.abs(pull_back(jax.nn.one_hot(y.argmax(axis=1), n_outputs, dtype=y.dtype))[0])

    def add(output, total):
        return total + jnp.abs(pull_back(jnp.zeros_like(y).at[:, output].set(1))[0])

    return jax.lax.fori_loop(0, n_outputs, add, jnp.zeros_like(x)) / n_outputs
