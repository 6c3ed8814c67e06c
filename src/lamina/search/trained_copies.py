"""scikit-learn's own functions over estimators that a population has trained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import joblib
import numpy as np
import sklearn
from sklearn.base import clone
from sklearn.utils import indexable

from lamina.search.folds import Member, splits_of, train_together
from lamina.search.wrapping import in_population

#: keeps the copies, and their order, in this process
in_order = partial(joblib.parallel_config, "sequential")


class TrainedCopies:
    """An estimator for a function of scikit-learn's, whose copies have been trained when their `fit` is called.

    Such a function makes one copy for each training, in an order that is known, and calls its `fit`. All are trained
    together as soon as it wants the first one, and so after it has checked its arguments; what it does with fitted
    estimators, with errors and with warnings remains its own affair.
    """

    def __init__(self, estimator: Any, members: Iterable[Member]) -> None:
        self._members = members
        #: share of the time that went into each training
        self.seconds: np.ndarray
        self.estimator = clone(estimator)
        self.estimator.__sklearn_clone__ = partial(next, self._copies())

    def _copies(self) -> Iterator[Any]:
        """The trained copies, one after the other."""
        members = list(self._members)
        train_together(members)
        self.seconds = np.array([member.seconds for member in members])
        yield from map(_trained, members)


def _trained(member: Member) -> Any:
    """A copy that has its parameters, and whose `fit` has nothing left to do but to raise what training raised."""
    copy = member.whole

    def fit(*_, **__):
        del copy.fit, copy.set_params
        return member.fitted()

    copy.fit, copy.set_params = fit, lambda **_: copy
    return copy


def can_train_together(estimator: Any, y: Any, params: dict[str, Any] | None) -> bool:
    """Whether a population can do what scikit-learn would; routed metadata are left to scikit-learn."""
    return (
        y is not None and not sklearn.get_config()["enable_metadata_routing"] and in_population(estimator, params or ())
    )


def split_rows(estimator: Any, X: Any, y: Any, cv: Any, groups: Any) -> tuple[Any, Any, list[tuple]]:
    """Table and targets that can be indexed, and the row numbers of every fold."""
    X, y, groups = indexable(X, y, groups)
    return X, y, splits_of(estimator, X, y, cv, groups=groups)
