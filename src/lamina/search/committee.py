"""Networks of several splits that predict together."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, _fit_context, clone, is_classifier
from sklearn.utils import indexable
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params, check_is_fitted

from lamina.search.cohort import Cohort
from lamina.search.folds import Parts, splits_of
from lamina.search.setting import Setting


class _Committee(BaseEstimator):
    """One network for each split, trained side by side."""

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "cv": ["cv_object"],
        "max_memory": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(self, estimator, *, cv=5, max_memory=None):
        self.estimator = estimator
        self.cv = cv
        self.max_memory = max_memory

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, **fit_params):
        """Train one copy of the estimator on the training rows of each split.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        **fit_params : dict
            Arguments of the estimator's `fit`; arrays with a value per row are split as `X` is.

        Returns
        -------
        self : object
            The committee.
        """
        X, y = indexable(X, y)
        splits = splits_of(self.estimator, X, y, self.cv)
        fit_params = _check_method_params(X, fit_params)
        setting = Setting(self.estimator, [{}], splits, None, fit_params, {}, "raise", False, self.max_memory)
        if setting.in_population(self.estimator):
            cohort = Cohort(setting, X, y, [(0, split) for split in range(len(splits))], Parts())
            cohort.advance()
            self.estimators_ = cohort.estimators()
        else:
            self.estimators_ = [_fit_alone(setting, X, y, rows) for rows, _ in splits]
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimators_[0], name):
                setattr(self, name, getattr(self.estimators_[0], name))
        return self


class CommitteeClassifier(ClassifierMixin, _Committee):
    """Classifiers of several splits, whose probabilities are averaged.

    Parameters
    ----------
    estimator : classifier
        What each member is a copy of, with a method `predict_proba`.
    cv : int, splitter or iterable, default=5
        The splits: each member trains on the training rows of one.
    max_memory : int or None, default=None
        Bytes that the members may take in training; None is a quarter of the machine's.

    Attributes
    ----------
    estimators_ : list
        The fitted members.
    classes_ : ndarray of shape (n_classes,)
        The class labels.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = MLPClassifier((8,), learning_rate_init=0.05, tol=0.01, random_state=0)
    >>> CommitteeClassifier(net, cv=3).fit(X, y).predict_proba(X).shape
    (150, 3)
    """

    _parameter_constraints: ClassVar[dict] = {
        **_Committee._parameter_constraints,
        "estimator": [HasMethods(["fit", "predict_proba"])],
    }

    def fit(self, X, y, **fit_params):
        super().fit(X, y, **fit_params)
        self._multilabel = np.ndim(y) == 2 and np.shape(y)[1] > 1
        members = [member.classes_ for member in self.estimators_]
        self.classes_ = members[0] if self._multilabel else np.unique(np.concatenate(members))
        return self

    fit.__doc__ = _Committee.fit.__doc__

    def predict_proba(self, X):
        """The mean of the members' probabilities; that of a class that a member has not seen is 0.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        probability : ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``.
        """
        check_is_fitted(self)
        total: Any = 0.0
        for member in self.estimators_:
            own = member.predict_proba(X)
            every = np.zeros((len(own), len(self.classes_)), own.dtype)
            every[:, np.searchsorted(self.classes_, member.classes_)] = own
            total = total + every
        return total / len(self.estimators_)

    def predict(self, X):
        """The class with the highest mean probability (for multilabel targets: each label whose mean exceeds 1/2).

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Class labels.
        """
        probability = self.predict_proba(X)
        return (probability > 0.5).astype(int) if self._multilabel else self.classes_[probability.argmax(axis=1)]


class CommitteeRegressor(RegressorMixin, _Committee):
    """Regressors of several splits, whose predictions are averaged.

    Parameters
    ----------
    estimator : regressor
        What each member is a copy of.
    cv : int, splitter or iterable, default=5
        The splits: each member trains on the training rows of one.
    max_memory : int or None, default=None
        Bytes that the members may take in training; None is a quarter of the machine's.

    Attributes
    ----------
    estimators_ : list
        The fitted members.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from lamina import MLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> net = MLPRegressor(hidden_layer_sizes=(8,), learning_rate_init=0.05, tol=100, random_state=0)
    >>> CommitteeRegressor(net, cv=3).fit(X, y).predict(X).shape
    (442,)
    """

    def predict(self, X):
        """The mean of the members' predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predicted values.
        """
        check_is_fitted(self)
        return np.mean([member.predict(X) for member in self.estimators_], axis=0)


def committee_of(estimator) -> type[CommitteeClassifier] | type[CommitteeRegressor]:
    """The kind of committee that copies of this estimator form."""
    return CommitteeClassifier if is_classifier(estimator) else CommitteeRegressor


def _fit_alone(setting: Setting, X, y, rows) -> Any:
    """A copy that trains by itself on these rows."""
    X_train, y_train = _safe_split(setting.estimator, X, y, rows)
    return clone(setting.estimator).fit(X_train, y_train, **_check_method_params(X, setting.fit_params, rows))
