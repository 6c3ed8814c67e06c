"""One step: a batch in, a new run out. Pure."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax

from lamina.engine.forward import compute_dtype, forward
from lamina.engine.plan import Plan
from lamina.engine.run import Data, Run
from lamina.layers import Call
from lamina.losses import LOSSES


def mean_and_penalty(plan: Plan, params, state, batch: Data, alpha):
    """Weighted mean loss of a batch plus ``alpha / 2 · |kernels|² / sum of weights``, and the layers' new state.

    The penalty is divided by the rows' weight as scikit-learn does, so that alpha counts against one row's loss.
    """
    call = Call(training=True, rows=batch.weight, compute_dtype=compute_dtype(plan))
    z, state = forward(plan, params, state, batch.x, call)
    rows = jnp.sum(batch.weight)
    rows = jnp.where(rows == 0, 1, rows)
    values = jnp.where(batch.weight != 0, LOSSES[plan.loss].per_row(batch.y, z), 0)
    penalty = sum(
        jnp.sum(jnp.square(params[name][weight])) for name, layer in plan.layers for weight in layer.penalised
    )
    return (jnp.sum(values * batch.weight) + 0.5 * alpha * penalty) / rows, state


def step(plan: Plan, run: Run, batch: Data, hyper: dict[str, jax.Array]):
    """Move the weights once; return the run and the batch's loss."""
    objective = jax.value_and_grad(lambda p: mean_and_penalty(plan, p, run.state, batch, hyper["alpha"]), has_aux=True)
    (loss, state), grads = objective(run.params)
    rate = hyper["learning_rate"] * run.stopping.rate
    optimizer = plan.optimizer.transform({**hyper, "learning_rate": rate})
    updates, optimizer_state = optimizer.update(grads, run.optimizer, run.params)
    params = optax.apply_updates(run.params, updates)
    return run._replace(params=params, state=state, optimizer=optimizer_state), loss
