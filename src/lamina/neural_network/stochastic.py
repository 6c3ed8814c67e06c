"""The stochastic solvers: from an estimator's parameters to a training task, and the result back."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning

from lamina.callbacks import Callback
from lamina.callbacks.callback_list import CallbackList
from lamina.callbacks.console import VerboseLines
from lamina.data.split import hold_out
from lamina.engine.buckets import bucket
from lamina.engine.history import History
from lamina.engine.loop import Task, fit_loop, to_device
from lamina.engine.orders import Orders
from lamina.engine.program import program_for
from lamina.engine.run import (
    DIVERGED,
    NO_IMPROVEMENT,
    RATE_TOO_SMALL,
    RUNNING,
    Control,
    Data,
    Run,
    Stopping,
    fresh_optimizer_state,
    fresh_stopping,
    start_run,
)
from lamina.neural_network.divergence import diverged
from lamina.neural_network.inputs import Prepared
from lamina.neural_network.learning_rate import chosen_rate, range_of
from lamina.neural_network.steps import lowers_rate, optimizer_of, schedules_of
from lamina.optimizers import Optimizer


@dataclass
class Training:
    """A stochastic training between its preparation and its result."""

    estimator: Any
    task: Task
    optimizer: Optimizer
    max_epochs: int
    n_rows: int
    #: one epoch of a series of `partial_fit` calls
    incremental: bool
    #: whether training is meant to end by itself before its last epoch
    converges: bool
    #: epochs in the history before this training
    before: int


def fit_stochastic(
    estimator, prepared: Prepared, callbacks, incremental: bool = False, max_epochs: int | None = None
) -> None:
    """Train with mini-batches: one epoch for `partial_fit`, up to `max_epochs` or else ``max_iter`` for `fit`."""
    if incremental and _has_stopped(estimator):
        return
    training = begin(estimator, prepared, callbacks, incremental, max_epochs=max_epochs)
    training.task.callbacks.on_train_begin()
    training.task.run, interrupted = fit_loop(training.task, training.max_epochs)
    finish(training, interrupted)


def begin(
    estimator,
    prepared: Prepared,
    callbacks: Sequence[Callback] = (),
    incremental: bool = False,
    data: Data | None = None,
    max_epochs: int | None = None,
) -> Training:
    """Everything that a training needs, before its first epoch; `data` are its rows if they are on the device.

    `max_epochs` is ``max_iter`` by default.
    """
    X, targets, weight, validation, rng = prepared
    if not hasattr(estimator, "history_"):  # weights were set by hand, without a fit
        estimator.history_ = History()
    rows, validation = training_rows(estimator, X, targets, weight, validation, rng)
    batch_size, width = batch_of(estimator, len(rows))
    data = data or to_device(estimator._plan(), X, targets, weight)
    goes_on = incremental and getattr(estimator, "_optimizer_state", None) is not None
    if not isinstance(estimator.learning_rate_init, str):
        estimator.learning_rate_init_ = estimator.learning_rate_init
    elif not goes_on:
        found = range_of(estimator, data, rows, (batch_size, width), copy.deepcopy(rng))
        estimator.learning_rate_init_ = chosen_rate(estimator, found)
    converges = estimator._converges and not incremental and max_epochs is None
    max_epochs = 1 if incremental else max_epochs or estimator.max_iter
    total_steps = max_epochs * -(-len(rows) // batch_size)
    optimizer = optimizer_of(estimator, total_steps)
    plan = estimator._plan(
        optimizer=optimizer,
        batch_width=width,
        validate=validation is not None,
        keep_best=bool(estimator.early_stopping),
    )
    task = Task(
        program=program_for(plan),
        run=_start(estimator, plan, optimizer, goes_on, incremental),
        data=data,
        valid=None if validation is None else to_device(plan, *validation),
        orders=Orders(rows, rng, bool(estimator.shuffle)),
        schedules=schedules_of(estimator, estimator._layers(estimator.n_outputs_), len(rows), total_steps, not goes_on),
        control=_control(estimator, len(rows), batch_size, rng if plan.noisy else None),
        callbacks=_callbacks(estimator, callbacks, len(rows), max_epochs),
        history=estimator.history_,
        show=lambda run: _show(estimator, run),
    )
    before = len(task.history["epoch"])
    return Training(estimator, task, optimizer, max_epochs, len(rows), incremental, converges, before)


def finish(training: Training, interrupted: bool = False, stop_reason: str | None = None) -> None:
    """Give the estimator its result; warn or raise where the training did not end well.

    `stop_reason` says in a sentence why somebody has stopped it from outside.
    """
    estimator, task = training.estimator, training.task
    reason = int(task.run.stopping.reason)
    stop_reason = stop_reason or task.callbacks.stop_reason
    _take_back(training, reason, stop_reason)
    next_rate = estimator.learning_rate_init_ * estimator._rate
    task.callbacks.on_train_end({"stop_reason": estimator.stop_reason_, "learning_rate": next_rate})

    estimator.interrupted_ = interrupted
    if interrupted:
        warnings.warn("Training interrupted by user.", stacklevel=6)
    elif reason == DIVERGED:
        raise diverged(estimator, estimator.history_["loss"][training.before :])
    elif reason == RUNNING and training.converges and stop_reason is None:
        warnings.warn(
            f"Stochastic Optimizer: Maximum iterations ({estimator.max_iter}) reached and the optimization hasn't "
            "converged yet. Increase max_iter, or tol to stop earlier.",
            ConvergenceWarning,
            stacklevel=6,
        )


def show_result(training: Training) -> None:
    """Give the estimator the weights that it would have if the training ended here."""
    estimator, run = training.estimator, training.task.run
    averaged = training.optimizer.averaged(run.params, run.optimizer)
    estimator._set_weights(*(run.best if estimator.early_stopping else (averaged, run.state)))


def _show(estimator, run: Run) -> None:
    """Let callbacks see where the training is."""
    estimator._set_weights(run.params, run.state)
    estimator._optimizer_state = run.optimizer


def _callbacks(estimator, callbacks, n_rows: int, max_epochs: int) -> CallbackList:
    """The user's callbacks, and the lines of ``verbose``."""
    own = []
    if estimator.verbose:
        on_score = bool(estimator.early_stopping)
        own.append(VerboseLines(estimator.tol, estimator.n_iter_no_change, on_score, lowers_rate(estimator)))
    steps = -(-n_rows // rows_per_step(estimator, n_rows))
    params = {"n_samples": n_rows, "epochs": max_epochs, "steps": steps, "n_parameters": _count(estimator)}
    params["phase"] = estimator._phase
    return CallbackList([*callbacks, *own], estimator, params)


def _has_stopped(estimator) -> bool:
    """Whether early stopping has ended a series of `partial_fit` calls; a `fit` in between starts a new series."""
    if not estimator.early_stopping:
        return False
    if not getattr(estimator, "_in_series", False):
        estimator._in_series, estimator.stop_reason_ = True, None
        estimator._no_improvement_count, estimator.best_validation_score_ = 0, -np.inf
        return False
    if estimator.stop_reason_:
        warnings.warn(
            f"{estimator.stop_reason_} partial_fit keeps the best weights and does not train on; call fit, or set "
            "early_stopping=False, to go on.",
            stacklevel=6,
        )
        return True
    return False


def training_rows(estimator, X, targets, weight, validation, rng):
    """Row numbers to train on, and the validation rows (given, or held out for early stopping, or none)."""
    every = np.arange(len(X))
    if validation is not None or not estimator.early_stopping:
        return every, validation
    binary = is_classifier(estimator) and targets.shape[1] == 1
    train, valid = hold_out(len(X), estimator.validation_fraction, rng, targets if binary else None)
    return train, (X[valid], targets[valid], None if weight is None else weight[valid])


def rows_per_step(estimator, n_rows: int) -> int:
    """The batch size."""
    return min(n_rows, _wanted(estimator))


def _wanted(estimator) -> int:
    """The batch size, whether there are so many rows or not."""
    return estimator.auto_batch if estimator.batch_size == "auto" else int(estimator.batch_size)


def batch_of(estimator, n_rows: int) -> tuple[int, int]:
    """Rows per step, and the compiled width that holds them: exact for real mini-batches, a bucket for full ones."""
    wanted = _wanted(estimator)
    if wanted > n_rows and estimator.batch_size != "auto":
        warnings.warn(
            f"Got `batch_size` less than 1 or larger than sample size. It is going to be clipped to {n_rows}.",
            stacklevel=7,
        )
    return rows_per_step(estimator, n_rows), (wanted if wanted <= n_rows else bucket(n_rows))


def _start(estimator, plan, optimizer, goes_on: bool, incremental: bool) -> Run:
    """The run to begin with: present weights, fresh or continued optimizer, and what stopping remembers."""
    params, state = estimator._weights()
    stopping = fresh_stopping()
    if estimator.early_stopping:
        score = getattr(estimator, "best_validation_score_", None)
        stopping = stopping._replace(best_score=-np.inf if score is None else score)
    else:
        loss = getattr(estimator, "best_loss_", None)
        stopping = stopping._replace(best_loss=np.inf if loss is None else loss)
    stopping = stopping._replace(
        stale=getattr(estimator, "_no_improvement_count", 0), rate=getattr(estimator, "_rate", 1.0) if goes_on else 1.0
    )
    remembered = estimator._optimizer_state if goes_on else fresh_optimizer_state(plan, params, optimizer)
    run = start_run(plan, params, state, remembered, stopping)
    best = getattr(estimator, "_best_weights", None)
    if plan.keep_best and best is not None and (incremental or estimator.warm_start):
        run = run._replace(best=best)
    return run


def _control(estimator, n_rows: int, batch_size: int, rng: np.random.RandomState | None) -> Control:
    """The traced numbers that stay the same from epoch to epoch."""
    dtype = np.float64 if estimator._dtype_ == "float64" else np.float32
    return Control(
        n_rows=np.int32(n_rows),
        batch_size=np.int32(batch_size),
        n_epochs=np.int32(1),
        tol=dtype(estimator.tol),
        patience=dtype(estimator.n_iter_no_change),
        adaptive=np.bool_(lowers_rate(estimator)),
        on_score=np.bool_(estimator.early_stopping),
        seed=np.zeros(2, np.uint32) if rng is None else rng.randint(2**32, size=2, dtype=np.uint32),
    )


def _count(estimator) -> int:
    return sum(a.size for a in [*estimator.coefs_, *estimator.intercepts_])


def _take_back(training: Training, reason: int, stop_reason: str | None) -> None:
    """Write the result into the estimator's attributes."""
    estimator, task, before, incremental = training.estimator, training.task, training.before, training.incremental
    numpy_run = jax.tree.map(np.asarray, task.run)
    stopping: Stopping = numpy_run.stopping
    losses = task.history["loss"][before:].tolist()
    ended = reason in (NO_IMPROVEMENT, RATE_TOO_SMALL)
    restore = bool(estimator.early_stopping) and reason != DIVERGED and (ended or not incremental)
    present = (training.optimizer.averaged(numpy_run.params, numpy_run.optimizer), numpy_run.state)
    estimator._set_weights(*(numpy_run.best if restore else present))
    estimator._best_weights = numpy_run.best if estimator.early_stopping else None
    estimator._optimizer_state = numpy_run.optimizer
    estimator._rate = float(stopping.rate)
    estimator._no_improvement_count = int(stopping.stale)
    estimator._in_series = incremental
    estimator.n_iter_ = len(losses)
    estimator.t_ = getattr(estimator, "t_", 0) + training.n_rows * len(losses)
    if losses:
        estimator.loss_ = losses[-1]
    estimator.loss_curve_ = [*getattr(estimator, "loss_curve_", []), *losses]
    if estimator.early_stopping:
        scores = task.history["val_score"][before:].tolist()
        estimator.validation_scores_ = [*(getattr(estimator, "validation_scores_", None) or []), *scores]
        estimator.best_validation_score_ = float(stopping.best_score)
        estimator.best_loss_ = None
    else:
        estimator.best_loss_ = float(stopping.best_loss)
    estimator.stop_reason_ = task.history.stop_reason = _sentence(estimator, reason, stop_reason)


def _sentence(estimator, reason: int, stopped: str | None) -> str | None:
    """Why training ended, or None when it simply ran its epochs."""
    what = "Validation score" if estimator.early_stopping else "Training loss"
    patience = f"for {estimator.n_iter_no_change:g} consecutive epochs."
    stalled = f"{what} did not improve more than tol={estimator.tol:f} {patience}"
    return {
        NO_IMPROVEMENT: stalled,
        RATE_TOO_SMALL: f"{stalled} Learning rate too small.",
        DIVERGED: "Training diverged.",
    }.get(reason, stopped)
