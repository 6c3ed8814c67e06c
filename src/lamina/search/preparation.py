"""Rows on their way to the networks: split, and taken through what is before the network, once for all members."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sklearn.base import clone
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from lamina.search.setting import Setting
from lamina.search.wrapping import Recorder, network_of, path_of, with_network

T = TypeVar("T")


class Prepared(dict):
    """What has been made so far. It stays where it was made: the copy that another process gets is empty."""

    def __reduce__(self):
        return type(self), ()


@dataclass
class Given:
    """What the network's `fit` is given, and the fitted estimator around it, if any."""

    X: Any = None
    y: Any = None
    fit_params: Mapping[str, Any] | None = None
    around: Any = None
    #: what the estimator around it raised
    error: Exception | None = None
    seconds: float = 0.0

    def whole(self, network) -> Any:
        """The fitted estimator with this network inside."""
        return with_network(self.around, network)


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
        path = path_of(estimator)
        if not path:
            return self._once((split, "plain"), lambda: Given(*self.part(split, False), self._fit_params(split)))
        key = (split, _of_others(self.setting.candidates[candidate], path))
        return self._once(key, lambda: self._through(estimator, path, split))

    def _fit_params(self, split: int) -> dict[str, Any]:
        return _check_method_params(self.X, self.setting.fit_params, self.setting.splits[split][0])

    def _through(self, estimator, path: str, split: int) -> Given:
        """Fit what is around the network, with a recorder in the network's place."""
        around = clone(estimator).set_params(**{path: Recorder(network_of(estimator))})
        X, y = self.part(split, False)
        started = time.perf_counter()
        try:
            around.fit(X, y, **self._fit_params(split))
        except Exception as error:
            return Given(error=error, seconds=time.perf_counter() - started)
        X, y, fit_params = network_of(around).given
        return Given(X, y, fit_params, around, seconds=time.perf_counter() - started)

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        return self._made[key] if key in self._made else self._made.setdefault(key, make())


def _of_others(params: Mapping[str, Any], path: str) -> Hashable:
    """A key for what a candidate says about all but the network."""
    others = {name: value for name, value in params.items() if name != path and not name.startswith(f"{path}__")}
    return tuple((name, type(value), _key(value)) for name, value in sorted(others.items()))


def _key(value: Any) -> Hashable:
    """The value where it can be a key, else which object it is: a grid's candidates share its objects."""
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value
