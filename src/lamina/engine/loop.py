"""The fit loop: dispatch epochs, record them, tell the callbacks."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from lamina.callbacks.callback_list import CallbackList
from lamina.engine.buckets import bucket, pad_rows
from lamina.engine.history import History
from lamina.engine.orders import Orders
from lamina.engine.plan import BOOKKEEPING, Plan
from lamina.engine.precision import precision
from lamina.engine.probe import QUANTITIES
from lamina.engine.program import Program
from lamina.engine.run import RUNNING, Control, Data, Run, plan_dtype
from lamina.optimizers.schedules import Schedule

#: multiply-adds that one dispatch may take: short epochs share a dispatch, long ones (about 50 ms) go alone
WORK_PER_DISPATCH = 5e9
MOST_EPOCHS_PER_DISPATCH = 32


@dataclass
class Task:
    """One training: its program, where it starts, the rows, and the numbers that are traced."""

    program: Program
    run: Run
    data: Data
    valid: Data | None
    orders: Orders
    schedules: dict[str, Schedule]
    control: Control
    callbacks: CallbackList = field(default_factory=CallbackList)
    history: History = field(default_factory=History)
    first_epoch: int = 0
    #: called with the run before callbacks act, for those that look at the weights
    show: Callable[[Run], None] = lambda run: None


def fit_loop(task: Task, max_epochs: int) -> tuple[Run, bool]:
    """Train for `max_epochs` epochs or until the run stops; the run, and whether the user interrupted it."""
    run, epoch, plan = task.run, 0, task.program.plan
    chunk = epochs_per_dispatch(task)
    try:
        while epoch < max_epochs and int(run.stopping.reason) == RUNNING and not task.callbacks.stop_training:
            task.callbacks.on_epoch_begin(len(task.history["epoch"]))
            n = min(chunk, max_epochs - epoch) if task.callbacks.only_watches else 1
            started = time.perf_counter()
            inputs = dispatch_inputs(plan, task, epoch, n, chunk)
            with precision(plan.dtype):
                new_run, log = task.program.train(run, task.data, task.valid, *inputs, task.callbacks.probes)
                log = np.asarray(log)
            ran = int(log[:, 0].sum())
            if ran < n:
                task.orders.keep(ran)
            run, epoch = new_run, epoch + ran
            record(task, run, log[:ran], (time.perf_counter() - started) / ran)
            reason = np.int32(log[ran - 1, plan.log_columns.index("reason")])
            run = run._replace(stopping=run.stopping._replace(reason=reason))
    except KeyboardInterrupt:
        return run, True
    return run, False


def epochs_per_dispatch(task: Task, n_members: int = 1) -> int:
    """A power of two, by the size of an epoch in rows and weights, so that it is the same for like fits."""
    weights = sum(leaf.size for leaf in jax.tree.leaves(task.run.params))
    work = 3.0 * weights * bucket(int(task.control.n_rows)) * n_members
    fitting = max(1.0, min(WORK_PER_DISPATCH / work, MOST_EPOCHS_PER_DISPATCH))
    return 1 << int(np.log2(fitting))


def dispatch_inputs(plan: Plan, task: Task, epoch: int, n: int, chunk: int) -> tuple[Any, Any, Control]:
    """Row orders and per-step values of the next `n` epochs, padded to `chunk` epochs."""
    steps = -(-bucket(int(task.control.n_rows)) // plan.batch_width)
    order = np.zeros((chunk, steps * plan.batch_width), np.int32)
    for row, indices in zip(order, task.orders.take(n)):
        row[: len(indices)] = indices
    true_steps = -(-int(task.control.n_rows) // int(task.control.batch_size))
    epochs = task.first_epoch + epoch + np.arange(n)[:, None]
    positions = epochs * true_steps + np.arange(true_steps)
    hyper = np.zeros((chunk, steps, len(plan.hyper_names)), plan_dtype(plan))
    for column, name in enumerate(plan.hyper_names):
        hyper[:n, :true_steps, column] = task.schedules[name](epochs, positions)
    control = task.control._replace(n_epochs=np.int32(n), first_epoch=np.int32(task.first_epoch + epoch))
    return order, hyper, control


def record(task: Task, run: Run, log: np.ndarray, seconds: float) -> None:
    """Write finished epochs into the history and tell the callbacks; they have heard of the first one's beginning."""
    plan = task.program.plan
    if not task.callbacks.callbacks:  # nobody listens: all at once, which tiny nets notice
        task.history.append(**logs_of(plan, log.T), seconds=seconds)
        return
    log, samples = np.split(log, [len(plan.log_columns)], axis=1)
    samples = samples.reshape(len(log), -1, len(plan.layers), len(QUANTITIES))
    if not task.callbacks.only_watches:
        task.show(run)
    for number, row in enumerate(log):
        if number:
            task.callbacks.on_epoch_begin(len(task.history["epoch"]))
        task.callbacks.take_samples(samples[number])
        end_epoch(task.history, task.callbacks, {**logs_of(plan, row.tolist()), "seconds": seconds})


def end_epoch(history: History, callbacks: CallbackList, logs: dict[str, float]) -> None:
    """Write an epoch into the history and tell the callbacks, who may have something to add."""
    history.append(**logs)
    callbacks.on_epoch_end(len(history["epoch"]) - 1, logs)
    history.complete(**logs)


def logs_of(plan: Plan, columns: Iterable[Any]) -> dict[str, Any]:
    """What callbacks hear of an epoch (or of several, with arrays): losses, metrics and the learning rate."""
    logs = dict(zip(plan.log_columns, columns))
    if not plan.metrics:
        logs["val_score"] = -logs["val_loss"]
    return {
        name: value
        for name, value in logs.items()
        if name not in BOOKKEEPING and (plan.validate or not name.startswith("val_"))
    }


def to_device(plan: Plan, x: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> Data:
    """Rows padded to their bucket and put on the device; float targets in the plan's dtype, labels as booleans."""
    gc.collect(0)  # JAX lets go of the rows that it shared in the last fit, so that these can lie in the same memory
    size, dtype = bucket(len(x)), plan_dtype(plan)
    if weight is None:
        weight = np.ones(len(x))
    target = y.dtype if y.dtype == bool else dtype
    padded = Data(pad_rows(x, size, dtype), pad_rows(y, size, target), pad_rows(weight, size, dtype))
    with precision(plan.dtype):
        return jax.device_put(padded)
