"""The forward pass of a plan."""

from __future__ import annotations

import jax

from lamina.engine.buckets import BLOCK
from lamina.engine.plan import Plan
from lamina.layers import Call


def compute_dtype(plan: Plan) -> str | None:
    """The dtype of matrix products where it differs from the weights'."""
    return "bfloat16" if plan.dtype == "bfloat16" else None


def forward(plan: Plan, params, state, x, call: Call):
    """Outputs before the link, and the layers' new state."""
    new_state = {}
    for name, layer in plan.layers:
        x, new_state[name] = layer.apply(params[name], state[name], x, call)
    return x, new_state


def forward_blocks(plan: Plan, params, state, x):
    """Outputs before the link for many rows, block by block so that activations stay in the cache."""
    call = Call(compute_dtype=compute_dtype(plan))
    if x.shape[0] <= BLOCK or x.shape[0] % BLOCK:
        return forward(plan, params, state, x, call)[0]
    blocks = x.reshape(-1, BLOCK, *x.shape[1:])
    z = jax.lax.map(lambda block: forward(plan, params, state, block, call)[0], blocks)
    return z.reshape(x.shape[0], *z.shape[2:])
