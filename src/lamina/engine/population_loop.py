"""The fit loop of a population: members take seats, advance together, and leave when they have stopped."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from lamina.engine.buckets import bucket
from lamina.engine.loop import Task, dispatch_inputs, epochs_per_dispatch, record
from lamina.engine.precision import precision
from lamina.engine.run import RUNNING, Run

#: multiply-adds of a step up to which members train side by side; products of larger nets are no faster in a batch
SMALL_STEP = 3e5
#: members of one compiled population; more are no faster
MOST_MEMBERS = 8
#: numbers of a dispatch that are the same for all members
SHARED = ("n_rows", "batch_size", "first_step")


@dataclass
class Member:
    """A task that takes part, the epochs that it may still take, and whose it is."""

    task: Task
    epochs_left: int
    owner: Any = None
    epochs: int = 0
    seconds: float = 0.0

    @property
    def running(self) -> bool:
        """Whether it would go on."""
        task = self.task
        return self.epochs_left > 0 and int(task.run.stopping.reason) == RUNNING and not task.callbacks.stop_training

    def advance(self, n_epochs: int) -> None:
        """Count epochs; the next dispatch goes on behind them."""
        self.epochs_left -= n_epochs
        self.epochs += n_epochs
        self.task.first_epoch += n_epochs


def best_width(task: Task, n_members: int, max_memory: float) -> int:
    """How many of so many members of this kind train fastest side by side, within so many bytes: 1, 2, 4, ..."""
    leaves = jax.tree.leaves(task.run.params)
    weights = sum(leaf.size for leaf in leaves)
    if weights * task.program.plan.batch_width > SMALL_STEP:
        return 1
    # two copies of a run (before and after a dispatch), gradients, and the rows of the orders and of validation
    bytes_each = 2 * sum(leaf.nbytes for leaf in jax.tree.leaves((task.run, task.valid))) + 4 * weights
    bytes_each += 4 * bucket(int(task.control.n_rows)) * epochs_per_dispatch(task)
    fitting = max(1, min(MOST_MEMBERS, max_memory // bytes_each))
    return min(1 << int(np.log2(fitting)), 1 << (n_members - 1).bit_length())


def fit_population(waiting: Iterator[Member], width: int, left: Callable[[Member], None]) -> None:
    """Train members in `width` seats; whoever stops makes room for the next one. `left` hears of each one that ends.

    All members have one plan, and the same rows, numbers of rows and batch sizes. The seats stay as many to the end:
    products round otherwise in another number of seats, though not for other neighbours, and who is left last is a
    matter of time.
    """
    seated: list[Member] = []
    while True:
        seated += itertools.islice(waiting, width - len(seated))
        if not seated:
            return
        _dispatch(seated, width)
        for member in seated:
            if not member.running:
                left(member)
        seated = [member for member in seated if member.running]


def _dispatch(seated: list[Member], width: int) -> None:
    """A few epochs for all; empty seats repeat the first member and take none."""
    started = time.perf_counter()
    tasks = [member.task for member in seated]
    plan, chunk = tasks[0].program.plan, epochs_per_dispatch(tasks[0], width)
    planned = [min(chunk, member.epochs_left) for member in seated]
    inputs = [dispatch_inputs(plan, task, 0, n, chunk) for task, n in zip(tasks, planned)]
    runs, valid = [task.run for task in tasks], [task.valid for task in tasks]
    empty = width - len(seated)
    order, hyper, control = inputs[0]
    inputs += [(order, hyper, control._replace(n_epochs=np.int32(0)))] * empty
    runs, valid = runs + runs[:1] * empty, valid + valid[:1] * empty
    orders, hypers, controls = _stack(inputs)
    controls = controls._replace(**{name: getattr(control, name) for name in SHARED})
    with precision(plan.dtype):
        arguments = (_stack(runs), tasks[0].data, _stack(valid), orders, hypers, controls)
        runs, logs = jax.tree.map(np.asarray, tasks[0].program.train_population(*arguments))
    seconds = (time.perf_counter() - started) / len(seated)
    for seat, member in enumerate(seated):
        run, log = jax.tree.map(lambda leaf, seat=seat: leaf[seat], (runs, logs))
        _take(member, run, log, planned[seat], seconds)


def _stack(trees: list) -> Any:
    """Trees of arrays as one, with a first axis for the members."""
    return jax.tree.map(lambda *leaves: np.stack(leaves), *trees)


def _take(member: Member, run: Run, log: np.ndarray, planned: int, seconds: float) -> None:
    """Give a member its part of what came back."""
    task, ran = member.task, int(log[:, 0].sum())
    if ran < planned:
        task.orders.keep(ran)
    task.run = run
    member.advance(ran)
    member.seconds += seconds
    record(task, run, log[:ran], seconds / ran)
