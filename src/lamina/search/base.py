"""What searches have in common: the way from `fit` to members, and from their results to the attributes."""

from __future__ import annotations

import time
from abc import abstractmethod
from numbers import Integral
from typing import Any, ClassVar

from sklearn.base import _fit_context, clone
from sklearn.model_selection._search import BaseSearchCV
from sklearn.model_selection._validation import (
    _insert_error_scores,
    _MultimetricScorer,
    _warn_or_raise_about_fit_failures,
)
from sklearn.utils import indexable
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import _check_method_params

from lamina.errors import InvalidParameter
from lamina.search.committee import committee_of
from lamina.search.folds import splits_of
from lamina.search.outcome import Outcome
from lamina.search.setting import Setting
from lamina.search.wrapping import with_parameters

#: the value of `refit` for networks of all splits that predict together
ENSEMBLE = "ensemble"


class PopulationSearch(BaseSearchCV):
    """A scikit-learn search whose members train as populations."""

    _parameter_constraints: ClassVar[dict] = {
        **{name: kinds for name, kinds in BaseSearchCV._parameter_constraints.items() if name != "pre_dispatch"},
        "max_memory": [Interval(Integral, 1, None, closed="left"), None],
        "random_state": ["random_state"],
    }
    max_memory: int | None

    @abstractmethod
    def _run(self, setting: Setting, X, y, metric: str) -> Outcome:
        """Choose candidates and train them on every split; `metric` is the score that decides."""

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, **params):
        """Try all settings, and train the best one on all rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            The targets.
        **params : dict
            `groups` for the splitter, `sample_weight` and what else the estimator's `fit` takes; arrays with a value
            per row are split as `X` is. With scikit-learn's metadata routing they go where they are requested.

        Returns
        -------
        self : object
            The search.
        """
        if self._is_ensemble():
            committee_of(self.estimator)(self.estimator)._validate_params()
        scorers, metric = self._get_scorers()
        X, y = indexable(X, y)
        params = _check_method_params(X, params=params)
        routed = self._get_routed_params_for_fit(params)
        splits = splits_of(self.estimator, X, y, self.cv, **routed.splitter.split)
        self.n_splits_ = len(splits)
        setting = Setting(
            estimator=clone(self.estimator),
            candidates=[],
            splits=splits,
            scorer=scorers,
            fit_params=dict(routed.estimator.fit),
            score_params=dict(routed.scorer.score),
            error_score=self.error_score,
            return_train_score=self.return_train_score,
            max_memory=self.max_memory,
        )
        # a function may turn out to give several scores
        outcome = self._run(setting, X, y, self.refit if callable(self.scoring) else metric)
        self._format(outcome, metric)
        if self.refit:
            self._refit(X, y, routed.estimator.fit, splits)
        self.scorer_ = scorers._scorers if isinstance(scorers, _MultimetricScorer) else scorers
        return self

    def _is_ensemble(self) -> bool:
        return isinstance(self.refit, str) and self.refit == ENSEMBLE

    def _check_refit_for_multimetric(self, scores) -> None:
        if self._is_ensemble() and ENSEMBLE not in scores:
            raise InvalidParameter(
                f'refit="ensemble" takes a single score; received {", ".join(scores)}. Give the name of the one that '
                "decides as refit, and train the ensemble of its best_estimator_ afterwards: "
                "lamina.search.CommitteeClassifier or CommitteeRegressor."
            )
        super()._check_refit_for_multimetric(scores)

    def _format(self, outcome: Outcome, metric: str) -> None:
        """From results to `cv_results_` and the best setting."""
        _warn_or_raise_about_fit_failures(outcome.results, self.error_score)
        if callable(self.scoring):
            _insert_error_scores(outcome.results, self.error_score)
        first = outcome.results[0]["test_scores"]
        self.multimetric_ = isinstance(first, dict)
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(first)
            metric = self.refit
        results = self._format_results(outcome.candidates, self.n_splits_, outcome.results, outcome.more)
        if self.refit or not self.multimetric_:
            self.best_index_ = self._select_best_index(self.refit, metric, results)
            if not callable(self.refit):
                self.best_score_ = results[f"mean_test_{metric}"][self.best_index_]
            self.best_params_ = results["params"][self.best_index_]
        self.cv_results_ = results

    def _refit(self, X, y, fit_params: dict[str, Any], splits) -> None:
        """Train the best setting on all rows, or once more on each split."""
        best = with_parameters(self.estimator, self.best_params_)
        if self._is_ensemble():
            best = committee_of(best)(best, cv=splits, max_memory=self.max_memory)
        started = time.perf_counter()
        self.best_estimator_ = best.fit(X, **fit_params) if y is None else best.fit(X, y, **fit_params)
        self.refit_time_ = time.perf_counter() - started
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_
