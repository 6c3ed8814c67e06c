"""Members of a population: from an estimator, parameters and row numbers to a job, and the fitted whole back."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.model_selection import check_cv
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from lamina.errors import InvalidParameter
from lamina.neural_network.population import Job, fit_together
from lamina.search.wrapping import Recorder, network_of, path_of, rows_inside, with_network, with_parameters


@dataclass
class Part:
    """Rows of a table as the networks of all members that train on them are given them."""

    X: Any = None
    y: Any = None
    #: further arguments of the network's `fit`
    fit_params: Mapping[str, Any] | None = None
    #: the fitted estimator around the network, with a recorder inside
    around: Any = None
    #: what fitting it raised
    error: Exception | None = None
    seconds: float = 0.0
    n_members: int = 0


@dataclass
class Member:
    """One training of a population: an estimator, with or without others around it, on one part of the table."""

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
        vars(self.whole).update(vars(with_network(self.part.around, self.job.estimator)))
        return self.whole


class Parts(dict):
    """Parts by what they were made from. They stay in their process: the copy that another one gets is empty."""

    def __reduce__(self):
        return type(self), ()


class Folds:
    """A table from which members take their rows; what they have in common is cut and preprocessed once.

    Arrays of members with the same rows are the same objects, as populations like them to be. Tables of the same rows
    may share their `parts`.
    """

    def __init__(
        self, estimator: Any, X: Any, y: Any, fit_params: Mapping[str, Any] | None = None, parts: Parts | None = None
    ) -> None:
        self.estimator, self.X, self.y, self.fit_params = estimator, X, y, fit_params or {}
        self._parts = Parts() if parts is None else parts

    def member(self, train: np.ndarray, parameters: Mapping[str, Any] | None = None, test: Any = None) -> Member:
        """A copy of the estimator with these parameters, to be trained on these rows.

        The rows numbered `test`, if any, become its validation rows.
        """
        parameters = parameters or {}
        whole = with_parameters(self.estimator, parameters)
        key = self._key(train, parameters, test, path_of(whole))
        part = self._parts[key] if key in self._parts else self._parts.setdefault(key, self._part(whole, train, test))
        part.n_members += 1
        job = Job(network_of(whole), part.X, part.y, **(part.fit_params or {}), error=part.error)
        return Member(whole, part, job)

    def _key(self, train: np.ndarray, parameters: Mapping[str, Any], test: Any, path: str) -> Hashable:
        """What members that share a part agree in: the rows, and the parameters of all but the network."""
        rows = np.asarray(train).tobytes(), None if test is None else np.asarray(test).tobytes()
        others = {name: value for name, value in parameters.items() if not f"{name}__".startswith(f"{path}__")}
        return rows, tuple((name, type(value), _key(value)) for name, value in sorted(others.items()) if path)

    def _part(self, whole: Any, train: np.ndarray, test: Any) -> Part:
        """Cut the rows, and fit what is around the network to them, with a recorder in the network's place."""
        X, y = _safe_split(whole, self.X, self.y, train)
        given, path, around = _check_method_params(self.X, self.fit_params, train), path_of(whole), None
        started = time.perf_counter()
        try:
            if path:
                around = clone(whole).set_params(**{path: Recorder(network_of(whole))}).fit(X, y, **given)
                X, y, given = network_of(around).given
            if test is not None:
                X_test, y_test = _safe_split(whole, self.X, self.y, test, train)
                given = given | {"validation_data": (rows_inside(around, X_test), y_test)}
        except Exception as error:
            return Part(error=error, seconds=time.perf_counter() - started)
        return Part(X, y, given, around, seconds=time.perf_counter() - started)


def splits_of(estimator: Any, X: Any, y: Any, cv: Any, **params: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """The row numbers of every fold; `params` are the splitter's, such as groups."""
    splits = list(check_cv(cv, y, classifier=is_classifier(estimator)).split(X, y, **params))
    if not splits:
        raise InvalidParameter(f"There is nothing to train on: cv={cv!r} gives no splits.")
    return splits


def train_together(members: Sequence[Member]) -> None:
    """Train all members to their ends; each one's `error` says what its `fit` would have raised."""
    fit_together([member.job for member in members if member.error is None])


def _key(value: Any) -> Hashable:
    """The value where it can be a key, else which object it is: a grid's candidates share its objects."""
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value
