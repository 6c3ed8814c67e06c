"""One step: a batch in, a new run out. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import optax

from lamina.engine.forward import compute_dtype, forward
from lamina.engine.plan import Plan
from lamina.engine.run import Data, Run, split_frozen
from lamina.layers import Call
from lamina.losses import LOSSES


def mean_and_penalty(plan: Plan, params, state, batch: Data, hyper: Mapping[str, jax.Array], seed=None):
    """Weighted mean loss of a batch plus ``alpha / 2 · |kernels|² / sum of weights``, and the layers' new state.

    The penalty is divided by the rows' weight as scikit-learn does, so that alpha counts against one row's loss.
    """
    call = Call(True, seed, batch.weight, compute_dtype(plan), hyper)
    z, state = forward(plan, params, state, batch.x, call)
    rows = jnp.sum(batch.weight)
    rows = jnp.where(rows == 0, 1, rows)
    values = jnp.where(batch.weight != 0, LOSSES[plan.loss].per_row(batch.y, z), 0)
    penalty = sum(
        jnp.sum(jnp.square(params[name][weight])) for name, layer in plan.layers for weight in layer.penalised
    )
    return (jnp.sum(values * batch.weight) + 0.5 * hyper["alpha"] * penalty) / rows, state


def step(plan: Plan, run: Run, batch: Data, hyper: dict[str, jax.Array], seed: jax.Array):
    """Move the weights once; return the run and the batch's loss."""
    frozen, free = split_frozen(plan, run.params)

    def objective(free):
        return mean_and_penalty(plan, {**frozen, **free}, run.state, batch, hyper, seed)

    (loss, state), grads = jax.value_and_grad(objective, has_aux=True)(free)
    rate = hyper["learning_rate"] * run.stopping.rate
    optimizer = plan.optimizer.transform({**hyper, "learning_rate": rate})
    updates, optimizer_state = optimizer.update(grads, run.optimizer, free)
    params = {**frozen, **optax.apply_updates(free, updates)}
    return run._replace(params=params, state=state, optimizer=optimizer_state), loss
