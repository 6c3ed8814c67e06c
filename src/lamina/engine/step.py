"""One step: a batch in, a new run out. Pure."""

from __future__ import annotations

from collections.abc import Callable

import jax
import optax

from lamina.activations import get_activation
from lamina.engine.objective import Hyper, objective
from lamina.engine.plan import Plan
from lamina.engine.run import Data, Run, split_frozen
from lamina.recipe import below


def step(plan: Plan, run: Run, batch: Data, n_rows, hyper: Hyper, seed: jax.Array):
    """Move the weights once; the run, the batch's loss, and what the batch adds to each metric."""
    frozen, free = split_frozen(plan, run.params)

    def of_free(free):
        return objective(plan, {**frozen, **free}, run.state, batch, n_rows, hyper, seed)

    (loss, (state, z)), grads = jax.value_and_grad(of_free, has_aux=True)(free)
    rate = hyper["learning_rate"] * run.stopping.rate
    searched = {"value": loss, "grad": grads, "value_fn": lambda free: of_free(free)[0]}  # by line searches alone
    optimizer = plan.optimizer.transform({**hyper, "learning_rate": rate}, multiplied(plan, hyper), **searched)
    updates, optimizer_state = optimizer.update(grads, run.optimizer, free)
    params = {**frozen, **constrained(plan, optax.apply_updates(free, updates), hyper)}
    sums = []
    if plan.train_metrics:
        prediction = get_activation(plan.loss.link)(z)
        sums = [metric.sums(batch.y, prediction, batch.weight) for _, metric in plan.metrics]
    return run._replace(params=params, state=state, optimizer=optimizer_state), loss, sums


def multiplied(plan: Plan, hyper: Hyper) -> Callable[[dict], dict] | None:
    """What the layers' learning-rate multipliers make of changes of the weights; None where no layer has one."""
    if not any(name.endswith("/learning_rate_multiplier") for name in plan.hyper_names):
        return None
    layers = dict(plan.layers)
    return lambda changes: {name: layers[name].at(below(name, hyper)).multiplied(c) for name, c in changes.items()}


def constrained(plan: Plan, params: dict, hyper: Hyper) -> dict:
    """The weights of the given layers, brought back by their constraints."""
    layers = dict(plan.layers)
    return {name: layers[name].at(below(name, hyper)).constrained(weights) for name, weights in params.items()}
