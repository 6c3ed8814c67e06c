"""Rows on their way to the networks: split, and taken through the steps before the network, once for all members."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from lamina.search.setting import Setting

T = TypeVar("T")


class Prepared(dict):
    """What has been made so far. It stays where it was made: the copy that another process gets is empty."""

    def __reduce__(self):
        return type(self), ()


@dataclass
class Given:
    """What the network's `fit` is given, and the pipeline around it, if any."""

    X: Any = None
    y: Any = None
    fit_params: Mapping[str, Any] | None = None
    pipeline: Pipeline | None = None
    #: what a step before the network raised
    error: Exception | None = None
    seconds: float = 0.0

    def whole(self, network) -> Any:
        """The fitted estimator with this network inside."""
        if self.pipeline is None:
            return network
        whole = copy.copy(self.pipeline)
        whole.steps = [*self.pipeline.steps[:-1], (self.pipeline.steps[-1][0], network)]
        return whole


class Preparation:
    """The rows of a search.

    Members with equal rows get them by identity, so that a population holds them once.
    """

    def __init__(self, setting: Setting, X, y, made: Prepared) -> None:
        self.setting, self.X, self.y = setting, X, y
        self._made = made

    def part(self, split: int, test: bool) -> tuple[Any, Any]:
        """The rows to score on, or those to train on, as the user gave them."""
        train_rows, test_rows = self.setting.splits[split]
        rows = (test_rows, train_rows) if test else (train_rows,)
        return self._once((split, test), lambda: _safe_split(self.setting.estimator, self.X, self.y, *rows))

    def score_params(self, split: int, test: bool) -> dict[str, Any]:
        """The scorer's arguments for these rows."""
        return _check_method_params(self.X, self.setting.score_params, self.setting.splits[split][test])

    def given(self, estimator, candidate: int, split: int) -> Given:
        """The training rows as the network of this candidate sees them."""
        if not isinstance(estimator, Pipeline):
            return self._once((split, "plain"), lambda: Given(*self.part(split, False), self._fit_params(split)))
        key = (split, _of_other_steps(self.setting.candidates[candidate], estimator.steps[-1][0]))
        return self._once(key, lambda: self._through(estimator, split))

    def _fit_params(self, split: int) -> dict[str, Any]:
        return _check_method_params(self.X, self.setting.fit_params, self.setting.splits[split][0])

    def _through(self, pipeline: Pipeline, split: int) -> Given:
        """Fit the steps before the network: the pipeline does it, with a recorder in the network's place."""
        name, network = pipeline.steps[-1]
        recorder = _Recorder(network)
        fitted = Pipeline([*pipeline.steps[:-1], (name, recorder)], **_other_parameters(pipeline))
        X, y = self.part(split, False)
        started = time.perf_counter()
        try:
            fitted.fit(X, y, **self._fit_params(split))
        except Exception as error:
            return Given(error=error, seconds=time.perf_counter() - started)
        return Given(*recorder.given, pipeline=fitted, seconds=time.perf_counter() - started)

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


class _Recorder(BaseEstimator):
    """Stands in for the last step of a pipeline, and keeps what that step's `fit` would be given."""

    def __init__(self, network=None):
        self.network = network

    def fit(self, X, y=None, **fit_params):
        self.given = (X, y, fit_params)
        return self

    def get_metadata_routing(self):
        return get_routing_for_object(self.network)


def _other_parameters(pipeline: Pipeline) -> dict[str, Any]:
    """Those beside the steps, such as `memory`."""
    return {name: value for name, value in pipeline.get_params(deep=False).items() if name != "steps"}


def _of_other_steps(params: Mapping[str, Any], last: str) -> Hashable:
    """A key for what a candidate says about the steps before the network."""
    others = {name: value for name, value in params.items() if name.partition("__")[0] != last}
    return tuple((name, type(value), _key(value)) for name, value in sorted(others.items()))


def _key(value: Any) -> Hashable:
    """The value where it can be a key, else which object it is: a grid's candidates share its objects."""
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value
