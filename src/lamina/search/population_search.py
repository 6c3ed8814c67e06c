"""The search over a grid or over distributions."""

from __future__ import annotations

import copy
import dataclasses
import os
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from lamina.errors import InvalidParameter
from lamina.search.base import PopulationSearch
from lamina.search.candidates import candidates_of
from lamina.search.fallback import search_by_samples, strangers, take_over, tell
from lamina.search.full import Trainer
from lamina.search.halving import Race, work
from lamina.search.journal import Journal, fingerprint
from lamina.search.outcome import Outcome
from lamina.search.progress import Progress
from lamina.search.setting import Setting


class PopulationSearchCV(PopulationSearch):
    """Try settings of an estimator by cross-validation, many trainings side by side in one compiled program.

    Takes what :class:`sklearn.model_selection.GridSearchCV` and :class:`~sklearn.model_selection.RandomizedSearchCV`
    take and gives what they give. A *member* is one setting on one split. Members whose networks differ in numbers
    alone (`alpha`, `learning_rate_init`, `random_state`, rows, ...) train together; each learns what it would have
    learned by itself. In a pipeline that ends in a network, the steps before it are fitted once for each of their
    own settings and splits. Other estimators are trained one by one, as scikit-learn does.

    Parameters
    ----------
    estimator : estimator
        `MLPClassifier`, `MLPRegressor`, a `Pipeline` that ends in one, a `TransformedTargetRegressor` around one, or
        any other scikit-learn estimator.
    param_grid : dict or list of dicts, default=None
        From names of parameters to the values to try: all combinations are tried. With `n_iter`, or if a value has a
        method `rvs` as the distributions of `scipy.stats` have, settings are drawn from it at random instead.
    param_distributions : dict or list of dicts, default=None
        In place of `param_grid`: settings are drawn at random, from lists with equal probabilities.
    n_iter : int or None, default=None
        How many settings are drawn; None is 10.
    cv : int, splitter or iterable, default=5
        The splits, as in scikit-learn.
    scoring : str, callable, list, tuple, dict or None, default=None
        One score or several, as in scikit-learn; None is the estimator's own.
    refit : bool, str, callable or "ensemble", default=True
        Whether the best setting is trained on all rows in the end. With several scores: the name of the one that
        decides. A function chooses the index from `cv_results_`. "ensemble", with a single score:
        in place of one network on all rows, the best setting's networks of all splits, whose predictions are averaged.
    strategy : {"full", "halving", "asha"}, default="full"
        "full" trains each member to its end. The others drop weak settings after few epochs, keep about a third each
        time, and let the others go on from where they are: "halving" compares all settings at a rung of epochs, "asha"
        trains one group of settings that share a program after the other, and compares with all that came so far.
    max_memory : int or None, default=None
        Bytes that the members in training may take together; None is a quarter of the machine's.
    checkpoint : str, path or None, default=None
        A journal file: an interrupted search that is started again goes on from it.
    random_state : int, RandomState or None, default=None
        Seed of settings drawn at random.
    n_jobs : int or None, default=None
        Processes of `joblib` that groups of members are spread over, for ``strategy="full"``. None is one, whose
        program uses all cores.
    error_score : "raise" or number, default=nan
        The score of a member whose training fails; the others go on.
    return_train_score : bool, default=False
        Whether to score the training rows too.
    verbose : int, default=0
        1 shows members alive, the best setting so far, and the time left.

    Attributes
    ----------
    cv_results_ : dict of ndarray
        Scores, times (seconds) and ranks of each setting; `pandas.DataFrame` reads it. When settings are dropped, there
        is a row for each setting and rung, with the columns `iter` and `n_resources` (epochs).
    best_estimator_, best_params_, best_score_, best_index_
        The best setting, trained on all rows; the mean of its scores; its row in `cv_results_`.
    scorer_, n_splits_, refit_time_, multimetric_
        As in scikit-learn.
    n_resources_, n_candidates_ : list of int
        Epochs and settings at each rung, when settings are dropped.

    Raises
    ------
    InvalidParameter
        If neither or both of `param_grid` and `param_distributions` are given.
    FileError
        If `checkpoint` is the journal of another search.

    References
    ----------
    Jamieson & Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", 2016 (halving).
    Li et al., "A System for Massively Parallel Hyperparameter Tuning", 2020 (asha).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = MLPClassifier((8,), learning_rate_init=0.05, tol=0.01, random_state=0)
    >>> search = PopulationSearchCV(net, {"alpha": [1e-4, 100.0]}, cv=3).fit(X, y)
    >>> search.best_params_
    {'alpha': 0.0001}
    """

    _parameter_constraints: ClassVar[dict] = {
        **PopulationSearch._parameter_constraints,
        "param_grid": [dict, list, None],
        "param_distributions": [dict, list, None],
        "n_iter": [Interval(Integral, 1, None, closed="left"), None],
        "strategy": [StrOptions({"full", "halving", "asha"})],
        "checkpoint": [str, os.PathLike, None],
    }

    def __init__(
        self,
        estimator,
        param_grid=None,
        *,
        param_distributions=None,
        n_iter=None,
        cv=5,
        scoring=None,
        refit=True,
        strategy="full",
        max_memory=None,
        checkpoint=None,
        random_state=None,
        n_jobs=None,
        error_score=np.nan,
        return_train_score=False,
        verbose=0,
    ):
        super().__init__(
            estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.param_grid = param_grid
        self.param_distributions = param_distributions
        self.n_iter = n_iter
        self.strategy = strategy
        self.max_memory = max_memory
        self.checkpoint = checkpoint
        self.random_state = random_state

    def fit(self, X, y=None, **params):
        if self.strategy != "full":
            others = strangers(self.estimator, self._candidates(copy.deepcopy(self.random_state)), params)
            if others:
                self._refuse_what_samples_lack(others)
                tell(others, "scikit-learn's search drops settings at rungs of rows, not of epochs.")
                take_over(self, search_by_samples(self).fit(X, y, **params))
                return self
        return super().fit(X, y, **params)

    fit.__doc__ = PopulationSearch.fit.__doc__

    def _refuse_what_samples_lack(self, others: list[str]) -> None:
        """Raise if scikit-learn's search, which takes over, would leave out what is asked for."""
        lacking = {"checkpoint": self.checkpoint is not None, 'refit="ensemble"': self._is_ensemble()}
        if any(lacking.values()):
            raise InvalidParameter(
                f"strategy={self.strategy!r} leaves {' and '.join(others)} to scikit-learn's search, which has no "
                f'{" and no ".join(filter(lacking.get, lacking))}. Leave that out, or take strategy="full".'
            )

    def _candidates(self, random_state) -> list[dict[str, Any]]:
        return candidates_of(self.param_grid, self.param_distributions, self.n_iter, random_state)

    def _run(self, setting: Setting, X, y, metric: Any) -> Outcome:
        setting = dataclasses.replace(setting, candidates=self._candidates(self.random_state))
        everyone = range(len(setting.candidates))
        mark = {} if self.checkpoint is None else fingerprint(setting, X, y, self.strategy)
        journal, members = Journal(self.checkpoint, mark), len(everyone) * len(setting.splits)
        if self.strategy == "full":
            with Progress(setting, metric, members, members, self.verbose) as progress:
                trainer = Trainer(setting, X, y, self.n_jobs, journal, progress)
                trainer.train(everyone)
            return trainer.outcome()
        with Progress(setting, metric, members, work(setting), self.verbose) as progress:
            race = Race(setting, X, y, metric, journal, progress)
            outcome = race.run(setting.groups(everyone) if self.strategy == "asha" else [everyone])
        self.n_resources_ = race.rungs
        self.n_candidates_ = [outcome.more["iter"].count(rung) for rung in range(len(race.rungs))]
        return outcome

    @staticmethod
    def _select_best_index(refit, refit_metric, results):
        """The best of those that went on to the end, where settings were dropped."""
        if "iter" not in results or callable(refit):
            return PopulationSearch._select_best_index(refit, refit_metric, results)
        last = np.flatnonzero(results["iter"] == max(results["iter"]))
        return last[results[f"rank_test_{refit_metric}"][last].argmin()]
