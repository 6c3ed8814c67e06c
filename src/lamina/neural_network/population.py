"""Populations of estimators: many trainings side by side, each as it would be alone."""

from __future__ import annotations

import copy
import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Hashable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np

from lamina.engine.loop import fit_loop
from lamina.engine.population_loop import Member, best_width, fit_population
from lamina.engine.run import RUNNING, Data
from lamina.errors import InvalidParameter
from lamina.neural_network.steps import optimizer_of
from lamina.neural_network.stochastic import Training, begin, finish, show_result

#: share of the machine's memory that members in training may take together
SHARE_OF_MEMORY = 0.25
#: longest time until Ctrl-C is noticed
SECONDS_TO_NOTICE = 0.1


@dataclass(eq=False)
class Job:
    """An unfitted estimator and what its `fit` is given. Jobs with the same arrays (by identity) share them."""

    estimator: Any
    X: Any
    y: Any
    sample_weight: np.ndarray | None = None
    validation_data: tuple | None = None
    #: more rows to pretrain on
    unlabeled: Any = None
    #: what `fit` would have raised
    error: Exception | None = None
    #: share of the time that went into this job
    seconds: float = 0.0
    epochs: int = 0
    ended: bool = False
    #: where it stands until it has ended
    training: Training | None = None


class Population:
    """Jobs in training: they advance together, may be dropped one by one, and end as they would have alone.

    Small nets of one kind on the same rows train under ``vmap``; larger ones one by one, in as many threads as there
    are cores, since a step of one net keeps one core busy. After each `advance` every estimator predicts as after a
    training that was stopped there; those that have ended are fitted as by `fit`.

    `n_threads` is the number of cores by default. `max_memory` bounds the bytes of all members that train at once.
    """

    def __init__(self, jobs: Sequence[Job], max_memory: int | None = None, n_threads: int | None = None) -> None:
        self.jobs = list(jobs)
        self.max_memory = max_memory or int(SHARE_OF_MEMORY * memory_of_machine())
        self.n_threads = n_threads or joblib.cpu_count()

    @property
    def running(self) -> list[Job]:
        """The jobs that would go on."""
        return [job for job in self.jobs if not job.ended]

    def drop(self, jobs: Sequence[Job]) -> None:
        """Let these end where they are; their estimators stay fitted."""
        for job in jobs:
            _end(job, "Dropped: others were better.")

    def advance(self, n_epochs: int | None = None) -> None:
        """Train the running jobs for up to `n_epochs` more epochs each, or to their ends.

        Ctrl-C lets each thread end its present dispatch, and is raised again then; another call goes on from there.
        """
        running = self.running
        for job in running:
            job.estimator.stop_training = False
            if n_epochs is not None:
                check_pauses(job.estimator)
        n_threads = max(1, min(self.n_threads, len(running)))
        work = _Work(running, n_epochs, n_threads, self.max_memory // n_threads)
        pool = ThreadPoolExecutor(n_threads)
        try:
            threads = [pool.submit(work.until_done) for _ in range(n_threads)]
            while wait(threads, SECONDS_TO_NOTICE, FIRST_EXCEPTION).not_done and not any(map(_failed, threads)):
                pass  # a wait without end would not notice Ctrl-C on every platform
            for thread in threads:
                thread.result()
        except BaseException:  # an interruption too, wherever it comes: nobody must train on unseen
            work.stop()
            raise
        finally:
            pool.shutdown()


def fit_together(jobs: Sequence[Job], max_memory: int | None = None) -> None:
    """Train all jobs to their ends; each one's `error` says what its `fit` would have raised."""
    Population(jobs, max_memory).advance()


def _failed(thread: Future) -> bool:
    return thread.done() and thread.exception() is not None


def memory_of_machine() -> int:
    """Bytes of memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def same_program(estimator, y: Any = None) -> Hashable:
    """What estimators that train in one compiled program on the same rows have in common; None for one of its own."""
    trial = copy.copy(estimator)
    trial._dtype_, trial.learning_rate_init_ = "float32", 1.0
    try:
        trial._check_parameters()
        if _needs_own_fit(trial):
            return None
        targets = trial._encode_target(np.arange(3) if y is None else np.asarray(y), first=True, incremental=False)
        trial.n_outputs_ = targets.shape[1]
        plan = trial._plan(optimizer=optimizer_of(trial), keep_best=bool(trial.early_stopping))
    except (ValueError, TypeError):  # its own `fit` says what is wrong
        return None
    rows = (trial.batch_size, trial.early_stopping and trial.validation_fraction)
    return type(estimator), plan, rows, repr(getattr(estimator, "class_weight", None))


def _needs_own_fit(estimator) -> bool:
    """Whether a training is more than one network's epochs; fine-tuning, for one, has phases."""
    if not hasattr(estimator, "_prepare"):
        return True
    several = estimator.n_members != 1 or estimator.pretrain is not None
    return several or estimator.solver == "lbfgs" or estimator.time_budget is not None


def check_single_phase(estimator) -> None:
    """Raise if its training has phases of its own, so that there are no epochs to compare it at."""
    if not hasattr(estimator, "max_iter"):
        raise InvalidParameter(
            f"{type(estimator).__name__} trains in phases and cannot be stopped and compared between them. Train all "
            'settings to their ends: strategy="full".'
        )


def check_pauses(estimator) -> None:
    """Raise if its training cannot be paused and resumed."""
    if _needs_own_fit(estimator):
        names = ("solver", "time_budget", "n_members", "pretrain")
        what = ", ".join(f"{name}={getattr(estimator, name)!r}" for name in names if hasattr(estimator, name))
        raise InvalidParameter(
            f"The training of {type(estimator).__name__} with {what} cannot be paused and resumed: that takes a "
            "stochastic solver, no time budget, and a single network that is not pretrained. Change these, or train "
            "all to their ends."
        )


class _Queue:
    """Jobs of one kind that wait, and the rows that they share on the device."""

    def __init__(self) -> None:
        self.waiting: deque[Job] = deque()
        self.n_jobs = 0
        self.data: Data | None = None
        self.n_threads = 0


class _Work:
    """What one `advance` has to do. Each thread stays with a kind of job, away from the others as long as it can."""

    def __init__(self, jobs: list[Job], n_epochs: int | None, n_threads: int, max_memory: int) -> None:
        self.jobs, self.n_epochs, self.n_threads, self.max_memory = jobs, n_epochs, n_threads, max_memory
        self._lock, self._stopped = threading.Lock(), False
        queues: dict[Hashable, _Queue] = {}
        for job in jobs:
            kind = same_program(job.estimator, job.y)
            rows = tuple(map(id, (job.X, job.y, job.sample_weight, job.validation_data)))
            queue = queues.setdefault(id(job) if kind is None else (kind, rows), _Queue())
            queue.waiting.append(job)
            queue.n_jobs += 1
        self._queues = list(queues.values())

    def stop(self) -> None:
        """Let nobody begin, and those in training pause after their dispatch."""
        self._stopped = True
        for job in self.jobs:
            job.estimator.stop_training = True

    def until_done(self) -> None:
        """What one thread does: queue after queue, until all are empty."""
        while (queue := self._choose()) is not None:
            try:
                self._train(queue)
            finally:
                queue.n_threads -= 1

    def _choose(self) -> _Queue | None:
        """A queue where somebody waits, with the fewest threads: programs of two kinds compile side by side."""
        with self._lock:
            queues = [queue for queue in self._queues if queue.waiting]
            if self._stopped or not queues:
                return None
            queue = min(queues, key=lambda queue: queue.n_threads)
            queue.n_threads += 1
            return queue

    def _train(self, queue: _Queue) -> None:
        members = self._members(queue)
        first = next(members, None)
        if first is None:
            return
        everyone = itertools.chain([first], members)
        width = best_width(first.task, -(-queue.n_jobs // self.n_threads), self.max_memory)
        if width > 1:
            fit_population(everyone, width, self._leave)
            return
        for member in everyone:
            _train_alone(member)
            self._leave(member)

    def _members(self, queue: _Queue) -> Iterator[Member]:
        """Those who wait, begun when their turn comes; whoever cannot begin has ended."""
        while queue.waiting and not self._stopped:
            try:
                job = queue.waiting.popleft()
            except IndexError:  # another thread was faster
                return
            started = time.perf_counter()
            try:
                if _needs_own_fit(job.estimator):
                    more = {"validation_data": job.validation_data}
                    more |= {} if job.unlabeled is None else {"unlabeled": job.unlabeled}
                    job.estimator.fit(job.X, job.y, job.sample_weight, **more)
                    job.epochs = job.estimator.n_iter_
                elif job.training is None:
                    job.training = _start(job, queue)
            except Exception as error:
                job.error = error
            job.seconds += time.perf_counter() - started
            job.ended = job.training is None
            if job.training is not None:
                left = job.training.max_epochs - job.epochs
                yield Member(job.training.task, left if self.n_epochs is None else min(left, self.n_epochs), job)

    def _leave(self, member: Member) -> None:
        """Give back what a member has learned."""
        job, task = member.owner, member.task
        job.seconds += member.seconds
        job.epochs += member.epochs
        if int(task.run.stopping.reason) == RUNNING and job.epochs < job.training.max_epochs:
            show_result(job.training)
        else:
            _end(job)


def _start(job: Job, queue: _Queue) -> Training:
    prepared = job.estimator._prepare(job.X, job.y, job.sample_weight, job.validation_data)
    training = begin(job.estimator, prepared, data=queue.data)
    queue.data = training.task.data
    training.task.callbacks.on_train_begin()
    return training


def _train_alone(member: Member) -> None:
    """All its epochs, in the program of a single fit."""
    started, task = time.perf_counter(), member.task
    before = len(task.history["epoch"])
    task.run, _ = fit_loop(task, member.epochs_left)
    member.advance(len(task.history["epoch"]) - before)
    member.seconds += time.perf_counter() - started


def _end(job: Job, reason: str | None = None) -> None:
    """The estimator as `fit` leaves it."""
    if job.training is not None:  # it has begun
        try:
            finish(job.training, stop_reason=reason)
        except Exception as error:
            job.error = error
    job.training, job.ended = None, True
