"""One step: a batch in, a new run out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import optax

from lamina.activations import get_activation
from lamina.engine.forward import compute_dtype, forward
from lamina.engine.plan import Plan
from lamina.engine.run import Data, Run
from lamina.layers import Call


def objective(plan: Plan, params, state, batch: Data, n_rows, hyper: Mapping[str, jax.Array], seed=None):
    """What a step lowers: the batch's mean loss plus penalties; with it the layers' new state and the outputs.

    Penalties on all kernels are divided as the loss is, so that alpha counts against one row's loss (scikit-learn).
    """
    z, state = forward(plan, params, state, batch.x, Call(True, seed, batch.weight, compute_dtype(plan), hyper))
    values = jnp.where(batch.weight != 0, plan.loss.per_row(batch.y, z), 0)
    divisor = jnp.sum(batch.weight) if plan.weighted_mean else n_rows.astype(values.dtype)
    total = jnp.sum(values * batch.weight)
    for name in plan.penalties:
        total += hyper[name] * PENALTIES[name](plan, params)
    return total / jnp.where(divisor == 0, 1, divisor), (state, z)


def _over_kernels(of_kernel: Callable[[jax.Array], jax.Array]) -> Callable:
    """The sum of a function over the penalised weights of all layers."""

    def penalty(plan: Plan, params):
        return sum(of_kernel(params[name][weight]) for name, layer in plan.layers for weight in layer.penalised)

    return penalty


PENALTIES = {
    "alpha": _over_kernels(lambda kernel: 0.5 * jnp.sum(jnp.square(kernel))),
    "l1": _over_kernels(lambda kernel: jnp.sum(jnp.abs(kernel))),
}


def split_frozen(plan: Plan, params: dict) -> tuple[dict, dict]:
    """The weights of frozen layers, and those that training may change."""
    frozen = {name: weights for name, weights in params.items() if name in plan.frozen}
    return frozen, {name: weights for name, weights in params.items() if name not in plan.frozen}


def step(plan: Plan, run: Run, batch: Data, n_rows, hyper: dict[str, jax.Array], seed: jax.Array):
    """Move the weights once; the run, the batch's loss, and what the batch adds to each metric."""
    frozen, free = split_frozen(plan, run.params)

    def of_free(free):
        return objective(plan, {**frozen, **free}, run.state, batch, n_rows, hyper, seed)

    (loss, (state, z)), grads = jax.value_and_grad(of_free, has_aux=True)(free)
    rate = hyper["learning_rate"] * run.stopping.rate
    optimizer = plan.optimizer.transform({**hyper, "learning_rate": rate})
    updates, optimizer_state = optimizer.update(grads, run.optimizer, free)
    params = {**frozen, **optax.apply_updates(free, updates)}
    sums = []
    if plan.train_metrics:
        prediction = get_activation(plan.loss.link)(z)
        sums = [metric.sums(batch.y, prediction, batch.weight) for _, metric in plan.metrics]
    return run._replace(params=params, state=state, optimizer=optimizer_state), loss, sums
