"""The learning-rate range test: steps at growing rates until the loss shoots up. Nothing of it is kept but losses."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from lamina.engine.learning_rate_range import LearningRateRange
from lamina.engine.plan import Plan
from lamina.engine.precision import precision
from lamina.engine.program import program_for
from lamina.engine.run import RUNNING, Control, Data, plan_dtype, start_run
from lamina.errors import DivergenceError

#: between two of them the host looks whether the loss has shot up
STEPS_PER_DISPATCH = 25
#: losses whose median tells whether it has
WINDOW = 5


def range_test(
    plan: Plan,
    weights: tuple[Any, Any, Any],
    data: Data,
    batches: np.ndarray,
    rates: np.ndarray,
    values: Mapping[str, float],
    seed: np.ndarray,
) -> LearningRateRange:
    """Steps at the given rates, from given weights, until the loss shoots up.

    `weights` are parameters, state and optimizer state to start from; `batches` has a line of row numbers for each
    step; `values` are the per-step values beside the learning rate, which stay the same. A step is dispatched as an
    epoch of one batch.
    """
    plan = dataclasses.replace(plan, metrics=(), train_metrics=False, validate=False, keep_best=False)
    program, dtype = program_for(plan), plan_dtype(plan)
    run = start_run(plan, *weights)
    size = np.int32(batches.shape[1])
    control = Control(
        size, size, np.int32(0), dtype.type(0), dtype.type(np.inf), np.bool_(False), np.bool_(False), seed
    )  # fmt: skip
    losses = np.empty(0)
    for first in range(0, len(rates), STEPS_PER_DISPATCH):
        part = slice(first, first + STEPS_PER_DISPATCH)
        n_steps = len(rates[part])
        order = np.zeros((STEPS_PER_DISPATCH, plan.batch_width), np.int32)
        order[:n_steps, : batches.shape[1]] = batches[part]
        hyper = np.zeros((STEPS_PER_DISPATCH, 1, len(plan.hyper_names)), dtype)
        for column, name in enumerate(plan.hyper_names):
            hyper[:n_steps, 0, column] = rates[part] if name == "learning_rate" else values[name]
        numbered = control._replace(n_epochs=np.int32(n_steps), first_epoch=np.int32(first))
        with precision(plan.dtype):
            run, log = program.train(run, data, None, order, hyper, numbered)
            log = np.asarray(log, np.float64)
        losses = np.append(losses, log[log[:, 0] == 1, plan.log_columns.index("loss")])
        if int(run.stopping.reason) != RUNNING or has_shot_up(losses).any():
            break
    bad = ~np.isfinite(losses) | has_shot_up(losses)
    tried = int(bad.argmax()) if bad.any() else len(losses)
    if tried < WINDOW:
        raise DivergenceError(
            f"The loss shoots up at once, at learning rates around {rates[0]:.2g}. Look whether the inputs and the "
            "targets are scaled (sklearn.preprocessing.StandardScaler), or begin with a smaller rate (min_rate)."
        )
    return LearningRateRange(rates[:tried], losses[:tried], len(rates))


def has_shot_up(losses: np.ndarray) -> np.ndarray:
    """At which steps the loss is far above where it started: by three times as much.

    >>> has_shot_up(np.array([2.0, 1.0, 1.0, 1.0, 9.0, 9.0, 9.0])).tolist()
    [False, False, False, False, False, False, True]
    """
    padded = np.concatenate([np.full(WINDOW - 1, losses[0]), losses])
    medians = np.median(np.lib.stride_tricks.sliding_window_view(padded, WINDOW), axis=1)
    return medians > losses[0] + 3 * abs(losses[0])


def batches_of(
    rows: np.ndarray, batch_size: int, n_steps: int, rng: np.random.RandomState, shuffle: bool
) -> np.ndarray:
    """Row numbers of full batches, shape (n_steps, batch_size); epoch after epoch, each in an order of its own."""
    per_epoch = len(rows) // batch_size
    epochs = (rng.permutation(rows) if shuffle else rows for _ in range(-(-n_steps // per_epoch)))
    return np.concatenate([order[: per_epoch * batch_size].reshape(-1, batch_size) for order in epochs])[:n_steps]
