"""The forward pass of a plan."""

from __future__ import annotations

from collections.abc import Callable

import jax

from lamina.engine.buckets import BLOCK
from lamina.engine.plan import Plan
from lamina.layers import Call
from lamina.noise import fold
from lamina.recipe import below

Tap = Callable[[jax.Array], jax.Array]


def compute_dtype(plan: Plan) -> str | None:
    """The dtype of matrix products where it differs from the weights'."""
    return "bfloat16" if plan.dtype == "bfloat16" else None


def forward(plan: Plan, params, state, x, call: Call, depth: int | None = None, tap: Tap | None = None):
    """Outputs before the link (or of the first `depth` layers), and the layers' new state.

    ``call.seed`` and ``call.hyper`` are the step's; each layer gets its own part of them. A tap is shown every layer's
    outputs, and what it returns goes on to the next layer.
    """
    new_state = {}
    for number, (name, layer) in enumerate(plan.layers[:depth]):
        noise_number = number if layer.seed_of is None else layer.seed_of
        own = call._replace(
            seed=fold(call.seed, noise_number) if layer.noisy and call.seed is not None else None,
            hyper=below(name, call.hyper),
            frozen=name in plan.frozen,
        )
        x, new_state[name] = layer.run(layer.gathered(name, params), state[name], x, own)
        x = x if tap is None else tap(x)
    return x, new_state


def forward_blocks(plan: Plan, params, state, x, call: Call):
    """Outputs before the link for many rows, block by block so that activations stay in the cache."""
    if x.shape[0] <= BLOCK or x.shape[0] % BLOCK:
        return forward(plan, params, state, x, call)[0]
    blocks = x.reshape(-1, BLOCK, *x.shape[1:])

    def one_block(numbered):
        number, block = numbered
        own = call if call.seed is None else call._replace(seed=fold(call.seed, number))
        return forward(plan, params, state, block, own)[0]

    z = jax.lax.map(one_block, (jax.numpy.arange(len(blocks)), blocks))
    return z.reshape(x.shape[0], *z.shape[2:])
