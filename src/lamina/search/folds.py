"""Members of a population: from an estimator, parameters and row numbers to a job, and the fitted whole back."""

from __future__ import annotations

import pickle
import time
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from lamina.neural_network import MLPClassifier, MLPRegressor
from lamina.neural_network.population import Job, fit_together


def is_pipeline(estimator: Any) -> bool:
    """Whether it is scikit-learn's own pipeline, of more than a network; others may change the rows."""
    return type(estimator) is Pipeline and len(estimator.steps) > 1


def network_of(estimator: Any) -> Any:
    """The estimator itself, or the last step of a pipeline."""
    return estimator.steps[-1][1] if is_pipeline(estimator) else estimator


def with_parameters(estimator: Any, parameters: Mapping[str, Any]) -> Any:
    """An unfitted copy with these parameters."""
    return clone(estimator).set_params(**clone(dict(parameters), safe=False))


def trains_here(estimator: Any, fit_params: Iterable[str] = ()) -> bool:
    """Whether populations train it as its own `fit` would: a network of ours, alone or at the end of a pipeline."""
    if getattr(type(network_of(estimator)), "fit", None) not in (MLPClassifier.fit, MLPRegressor.fit):
        return False
    prefix = _last_prefix(estimator)
    return {name for name in fit_params if name.startswith(prefix)} <= {f"{prefix}sample_weight"}


@dataclass
class Part:
    """Rows of a table as the networks of all members that train on them are given them."""

    X: Any
    y: Any
    sample_weight: np.ndarray | None
    validation_data: tuple | None
    #: the fitted steps of the pipeline before the network
    before: Sequence[tuple[str, Any]] = ()
    #: what fitting those steps raised
    error: Exception | None = None
    seconds: float = 0.0
    n_members: int = 0


@dataclass
class Member:
    """One training of a population: an estimator or pipeline on one part of the table."""

    whole: Any
    part: Part
    job: Job

    @property
    def seconds(self) -> float:
        """The share of the time that went into it."""
        return self.job.seconds + self.part.seconds / self.part.n_members

    @property
    def error(self) -> Exception | None:
        """What its `fit` would have raised."""
        return self.job.error

    def fitted(self) -> Any:
        """The whole after training; members on the same rows share its other steps. Raises what `fit` would have."""
        if self.error is not None:
            raise self.error
        if self.part.before:
            self.whole.steps = [*self.part.before, self.whole.steps[-1]]
        return self.whole


class Folds:
    """A table from which members take their rows; what they have in common is cut and preprocessed once.

    Arrays of members with the same rows are the same objects, as populations like them to be.
    """

    def __init__(self, estimator: Any, X: Any, y: Any, fit_params: Mapping[str, Any] | None = None) -> None:
        self.estimator, self.X, self.y, self.fit_params = estimator, X, y, fit_params or {}
        self._parts: dict[Hashable, Part] = {}

    def member(self, train: np.ndarray, parameters: Mapping[str, Any] | None = None, test: Any = None) -> Member:
        """A copy of the estimator with these parameters, to be trained on these rows.

        The rows numbered `test`, if any, become its validation rows.
        """
        parameters = parameters or {}
        whole = with_parameters(self.estimator, parameters)
        key = self._key(train, parameters, test)
        if key not in self._parts:
            self._parts[key] = self._part(whole, train, test)
        part = self._parts[key]
        part.n_members += 1
        job = Job(network_of(whole), part.X, part.y, part.sample_weight, part.validation_data, part.error)
        return Member(whole, part, job)

    def _key(self, train: np.ndarray, parameters: Mapping[str, Any], test: Any) -> Hashable:
        """What members that share a part agree in: the rows, and the parameters of the steps before the network."""
        prefix = _last_prefix(self.estimator)
        of_others = {name: value for name, value in parameters.items() if prefix and not name.startswith(prefix)}
        rows = np.asarray(train).tobytes(), None if test is None else np.asarray(test).tobytes()
        try:
            return *rows, joblib.hash(of_others)
        except (
            pickle.PicklingError,
            AttributeError,
            TypeError,
        ):  # a lambda, for example: nothing is known to be equal to it
            return object()

    def _part(self, whole: Any, train: np.ndarray, test: Any) -> Part:
        """Cut the rows, and fit what comes before the network to them."""
        X, y = _safe_split(whole, self.X, self.y, train)
        others = None if test is None else _safe_split(whole, self.X, self.y, test, train)
        given = _check_method_params(self.X, self.fit_params, train)
        weight = given.pop(f"{_last_prefix(whole)}sample_weight", None)
        if not is_pipeline(whole):
            return Part(X, y, weight, others)
        started, before = time.perf_counter(), whole[:-1]
        try:
            X = before.fit_transform(X, y, **given)
            others = None if others is None else (before.transform(others[0]), others[1])
        except Exception as error:
            return Part(X, y, weight, others, error=error)
        return Part(X, y, weight, others, before.steps, seconds=time.perf_counter() - started)


def train_together(members: Sequence[Member]) -> None:
    """Train all members to their ends; each one's `error` says what its `fit` would have raised."""
    fit_together([member.job for member in members if member.error is None])


def _last_prefix(estimator: Any) -> str:
    """What names of the network's parameters begin with."""
    return f"{estimator.steps[-1][0]}__" if is_pipeline(estimator) else ""
