"""The run: a store on its way. A pytree of arrays; a population is the same with a leading axis."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import numpy as np

from lamina.engine.plan import Plan
from lamina.engine.precision import weight_dtype
from lamina.optimizers import Optimizer

# why a run has stopped: indices into STOP_REASONS
RUNNING, NO_IMPROVEMENT, RATE_TOO_SMALL, DIVERGED = range(4)


class Variables(NamedTuple):
    """A model's store: arrays by layer and name, those that training moves and those that layers keep count with."""

    params: Any
    state: Any


class Stopping(NamedTuple):
    """What early stopping and the adaptive learning rate remember between epochs."""

    best_loss: Any
    best_score: Any
    stale: Any  # epochs in a row without improvement
    rate: Any  # factor on the learning rate
    first_loss: Any  # of this run, to recognise an explosion
    reason: Any


class Run(NamedTuple):
    """Everything that training changes."""

    params: Any
    state: Any
    optimizer: Any
    best: Any  # (params, state) of the best epoch; empty when the plan does not keep them
    stopping: Stopping
    sums: Any = ()  # of the metrics, where an epoch is cut into dispatches and they go on from one to the next


class Control(NamedTuple):
    """Traced numbers of one dispatch: sizes, and when to stop."""

    n_rows: Any
    batch_size: Any
    n_epochs: Any
    tol: Any
    patience: Any  # epochs; may be infinite
    adaptive: Any  # divide the learning rate by 5 where others stop
    on_score: Any  # judge by the validation score instead of the training loss
    seed: Any = np.zeros(2, np.uint32)  # of all noise
    first_epoch: Any = np.int32(0)  # number of the dispatch's first epoch since the seed was drawn
    first_step: Any = np.int32(0)  # number of the dispatch's first step in its epoch


class Data(NamedTuple):
    """Rows on the device, padded to a bucket: inputs, targets, weights."""

    x: Any
    y: Any
    weight: Any


def start_run(plan: Plan, params: Any, state: Any, optimizer: Any = None, stopping: Stopping | None = None) -> Run:
    """A run about to take its first step; arrays that are on the device stay there.

    `optimizer` continues an earlier optimizer state.
    """
    dtype = np.dtype(weight_dtype(plan.dtype))
    params, state = jax.tree.map(lambda a: a if a.dtype == dtype else np.asarray(a, dtype), (params, state))
    if optimizer is None:
        optimizer = fresh_optimizer_state(plan, params)
    stopping = stopping or fresh_stopping()
    numbers = Stopping(*map(dtype.type, stopping))._replace(reason=np.int32(stopping.reason))
    best = (params, state) if plan.keep_best else ()
    return Run(params, state, optimizer, best, numbers)


def fresh_stopping() -> Stopping:
    """Nothing seen yet."""
    return Stopping(np.inf, -np.inf, 0, 1.0, np.nan, RUNNING)


def fresh_optimizer_state(plan: Plan, params: Any, optimizer: Optimizer | None = None) -> Any:
    """The optimizer's first state, as NumPy arrays, for the weights that training may change.

    `optimizer` is the one whose kind is in the plan, with its numbers; it may be left out where states start at zeros.
    """
    _, free = split_frozen(plan, params)
    free = jax.tree.map(lambda a: np.asarray(a, plan_dtype(plan)), free)
    return (optimizer or plan.optimizer).start(free)


def split_frozen(plan: Plan, params: dict) -> tuple[dict, dict]:
    """The weights of frozen layers, and those that training may change."""
    frozen = {name: weights for name, weights in params.items() if name in plan.frozen}
    return frozen, {name: weights for name, weights in params.items() if name not in plan.frozen}


def plan_dtype(plan: Plan) -> np.dtype:
    """The dtype of weights, statistics and per-step values."""
    return np.dtype(weight_dtype(plan.dtype))
