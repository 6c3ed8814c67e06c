"""Populations of estimators: many trainings side by side, each as it would be alone."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Job:
    """An unfitted estimator and what its `fit` is given. Jobs with the same arrays (by identity) share them."""

    estimator: Any
    X: Any
    y: Any
    sample_weight: np.ndarray | None = None
    validation_data: tuple | None = None
    #: what `fit` would have raised
    error: Exception | None = None
    #: share of the time that went into this job
    seconds: float = 0.0


class Population:
    """Jobs in training: they advance together, may be stopped one by one, and end as they would have alone.

    After each `advance` the estimators are fitted: they have the weights, histories and scores of a training that
    was interrupted there. Estimators with `same_program` train in one compiled program.
    """

    def __init__(self, jobs: Sequence[Job], max_memory: int | None = None) -> None:
        self.jobs = list(jobs)
        self.max_memory = max_memory
        self._epochs = {id(job): 0 for job in self.jobs}

    @property
    def running(self) -> list[Job]:
        """The jobs that would go on."""
        return [job for job in self.jobs if job.error is None and self._epochs[id(job)] >= 0]

    def drop(self, jobs: Sequence[Job]) -> None:
        """Let these stop where they are; their estimators stay fitted."""
        for job in jobs:
            self._epochs[id(job)] = -1

    def advance(self, n_epochs: int | None = None) -> None:
        """Train the running jobs for up to `n_epochs` more epochs each, or to their ends."""
        for job in self.running:
            started = time.perf_counter()
            end = job.estimator.max_iter
            so_far = end if n_epochs is None else min(end, self._epochs[id(job)] + n_epochs)
            try:
                job.estimator.set_params(max_iter=so_far)
                job.estimator.fit(job.X, job.y, job.sample_weight, validation_data=job.validation_data)
            except Exception as error:
                job.error = error
            job.estimator.set_params(max_iter=end)
            stopped = job.error is not None or so_far == end or job.estimator.stop_reason_ is not None
            self._epochs[id(job)] = -1 if stopped else so_far
            job.seconds += time.perf_counter() - started


def fit_together(jobs: Sequence[Job], max_memory: int | None = None) -> None:
    """Train all jobs to their ends; each one's `error` says what its `fit` would have raised."""
    Population(jobs, max_memory).advance()


def same_program(estimator) -> Hashable:
    """What estimators that train in one compiled program have in common, on rows of the same shape."""
    return type(estimator), estimator.hidden_layer_sizes, estimator.solver
