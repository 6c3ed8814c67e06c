"""`learning_rate_init="find"`: the range test on an estimator's rows, before its training."""

from __future__ import annotations

import copy

import numpy as np

from lamina.engine.learning_rate_range import LearningRateRange
from lamina.engine.range_test import batches_of, range_test
from lamina.engine.run import Data, fresh_optimizer_state
from lamina.neural_network.steps import optimizer_of, schedules_of

#: from where every optimizer stands still to where each diverges; each factor of 10 gets 28 steps
RATES = np.geomspace(1e-6, 10.0, 200)


def range_of(
    estimator,
    data: Data,
    rows: np.ndarray,
    batch: tuple[int, int],
    rng: np.random.RandomState,
    rates: np.ndarray = RATES,
) -> LearningRateRange:
    """The range test from the present weights, on some of the rows; the estimator stays as it is.

    `data` are all rows; `batch` has the rows per step and the compiled width. Momentum is that of a constant rate.
    """
    trial = copy.copy(estimator).set_params(learning_rate="constant", learning_rate_init=1.0)
    size, width = batch
    optimizer = optimizer_of(trial)
    plan = trial._plan(optimizer=optimizer, batch_width=width)
    schedules = schedules_of(trial, trial._layers(trial.n_outputs_), len(rows), 1, True)
    start = np.zeros((1, 1), int)
    values = {name: schedule(start, start).item() for name, schedule in schedules.items()}
    params, state = trial._weights()
    weights = (params, state, fresh_optimizer_state(plan, params, optimizer))
    seed = rng.randint(2**32, size=2, dtype=np.uint32)
    batches = batches_of(rows, size, len(rates), rng, bool(trial.shuffle))
    return range_test(plan, weights, data, batches, rates, values, seed)


def chosen_rate(estimator, found: LearningRateRange) -> float:
    """What `learning_rate_init` stands for: the largest rate of "onecycle", or the first one of other schedules."""
    return found.max_rate_for_one_cycle if estimator.learning_rate == "onecycle" else found.suggestion
