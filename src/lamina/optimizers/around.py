"""What surrounds an update rule: clipped gradients before it, decayed weights, and an average after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

#: changes of the weights in, the same out, each times its layer's factor on the learning rate
Multiplied = Callable[[Any], Any]


class Averaged(NamedTuple):
    """Number of updates so far, the running average of the weights, and the state of the rule."""

    steps: Any
    average: Any
    rule: Any


def clip_first(rule: optax.GradientTransformation, hyper: Mapping[str, jax.Array]) -> optax.GradientTransformation:
    """`rule` for gradients that keep to the one limit that is in `hyper`."""
    if "clipvalue" in hyper:
        clip = optax.clip(hyper["clipvalue"])
    elif "global_clipnorm" in hyper:
        clip = optax.clip_by_global_norm(hyper["global_clipnorm"])
    else:
        clip = optax.stateless_with_tree_map(lambda g, _: clip_norm(g, hyper["clipnorm"]))

    def update(grads, state, params=None):
        clipped, _ = clip.update(grads, optax.EmptyState(), params)
        return rule.update(clipped, state, params)

    return optax.GradientTransformation(rule.init, update)


def clip_norm(g: jax.Array, limit: jax.Array) -> jax.Array:
    """`g`, scaled down to the norm `limit` if it is longer."""
    return g * (limit / jnp.maximum(jnp.sqrt(jnp.sum(jnp.square(g))), limit))


def multiply_after(rule: optax.GradientTransformation, multiplied: Multiplied) -> optax.GradientTransformation:
    """`rule` with its changes of the weights `multiplied`."""
    rule = optax.with_extra_args_support(rule)

    def update(grads, state, params=None, **searched):
        updates, state = rule.update(grads, state, params, **searched)
        return multiplied(updates), state

    return optax.GradientTransformationExtraArgs(rule.init, update)


def decay_first(
    rule: optax.GradientTransformation, decayed: Callable[[Any], Any], multiplied: Multiplied | None = None
) -> optax.GradientTransformation:
    """`rule` as it acts on weights that are `decayed` before each step."""

    def update(grads, state, params=None):
        start = decayed(params)
        if multiplied is not None:
            changes = multiplied(jax.tree.map(lambda d, w: d - w, start, params))
            start = jax.tree.map(lambda w, change: w + change, params, changes)
        updates, state = rule.update(grads, state, start)
        return jax.tree.map(lambda u, d, w: u + (d - w), updates, start, params), state

    return optax.GradientTransformation(rule.init, update)


def average_after(rule: optax.GradientTransformation, momentum: jax.Array) -> optax.GradientTransformation:
    """`rule` with a running average of the weights that it leads to; the first of them is taken as it is."""

    def update(grads, state, params=None):
        updates, inner = rule.update(grads, state.rule, params)
        share = jnp.where(state.steps == 0, 0, momentum)
        average = jax.tree.map(
            lambda a, w: share * a + (1 - share) * w, state.average, optax.apply_updates(params, updates)
        )
        return updates, Averaged(state.steps + 1, average, inner)

    return optax.GradientTransformation(rule.init, update)
