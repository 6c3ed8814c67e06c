"""Members of a search that train together."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable, Sequence
from typing import Any

from sklearn.base import clone
from sklearn.model_selection._validation import _fit_and_score, _MultimetricScorer, _score
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params, _num_samples

from lamina.neural_network.population import Population
from lamina.search import folds
from lamina.search.folds import Folds, Parts
from lamina.search.setting import Member, Result, Setting
from lamina.search.wrapping import network_of


class Cohort:
    """Members in training, each as it would be alone."""

    def __init__(self, setting: Setting, X, y, members: Sequence[Member], parts: Parts) -> None:
        self.setting, self.X, self.y = setting, X, y
        rows = Folds(setting.estimator, X, y, setting.fit_params, parts)
        self._entrants = {
            (candidate, split): rows.member(setting.splits[split][0], setting.candidates[candidate])
            for candidate, split in members
        }
        starting = [entrant.job for entrant in self._entrants.values() if entrant.error is None]
        self._population = Population(starting, setting.max_memory)
        #: rows to score on, by split, and whether they are its test rows
        self._cut: dict[tuple[int, bool], tuple[Any, Any]] = {}
        self.epochs = 0

    def advance(self, n_epochs: int | None = None) -> None:
        """Train for so many epochs more, or to the end."""
        self._population.advance(n_epochs)
        self.epochs += n_epochs or 0

    def keep(self, candidates: Iterable[int]) -> None:
        """Let all others stop where they are."""
        staying = set(candidates)
        leaving = {member: entrant for member, entrant in self._entrants.items() if member[0] not in staying}
        self._population.drop([entrant.job for entrant in leaving.values() if not entrant.job.ended])
        for member in leaving:
            del self._entrants[member]

    def estimators(self) -> list[Any]:
        """The fitted estimators; raises what a fit has raised."""
        return [entrant.fitted() for entrant in self._entrants.values()]

    def results(self) -> dict[Member, Result]:
        """Scores and times as scikit-learn collects them."""
        return {member: self._result(entrant, member[1]) for member, entrant in self._entrants.items()}

    def _result(self, entrant: folds.Member, split: int) -> Result:
        setting, (_, test) = self.setting, self.setting.splits[split]
        result = {"fit_error": None, "n_test_samples": _num_samples(test), "fit_time": entrant.seconds}
        started = time.perf_counter()
        if entrant.error is not None:
            if setting.error_score == "raise":
                raise entrant.error
            what = "".join(traceback.format_exception(entrant.error))
            return result | _error_scores(setting) | {"fit_error": what, "score_time": 0.0}
        fitted = entrant.fitted()
        result["test_scores"] = self._scores(fitted, split, test=True)
        result["score_time"] = time.perf_counter() - started
        if setting.return_train_score:
            result["train_scores"] = self._scores(fitted, split, test=False)
        return result

    def _scores(self, fitted, split: int, test: bool):
        setting, rows = self.setting, self.setting.splits[split][test]
        params = _check_method_params(self.X, setting.score_params, rows)
        if (split, test) not in self._cut:
            self._cut[split, test] = _safe_split(fitted, self.X, self.y, rows, setting.splits[split][0])
        X, y = self._cut[split, test]
        return _score(fitted, X, y, setting.scorer, params, setting.error_score)


def train(setting: Setting, X, y, members: Sequence[Member], parts: Parts) -> dict[Member, Result]:
    """Train members to their ends: networks of ours together, others one by one."""
    ours = {c for c in {c for c, _ in members} if setting.in_population(setting.estimator_of(c))}
    results = {member: _alone(setting, X, y, member) for member in members if member[0] not in ours}
    cohort = Cohort(setting, X, y, [member for member in members if member[0] in ours], parts)
    cohort.advance()
    return results | cohort.results()


def _alone(setting: Setting, X, y, member: Member) -> Result:
    candidate, split = member
    train_rows, test_rows = setting.splits[split]
    result = _fit_and_score(
        clone(setting.estimator),
        X,
        y,
        scorer=setting.scorer,
        train=train_rows,
        test=test_rows,
        verbose=0,
        parameters=setting.candidates[candidate],
        fit_params=setting.fit_params,
        score_params=setting.score_params,
        return_train_score=setting.return_train_score,
        return_n_test_samples=True,
        return_times=True,
        return_estimator=True,
        error_score=setting.error_score,
    )
    if getattr(network_of(result.pop("estimator")), "interrupted_", False):
        raise KeyboardInterrupt
    return result


def _error_scores(setting: Setting) -> Result:
    """The scores of a fit that failed."""
    score = setting.error_score
    scores = dict.fromkeys(setting.scorer._scorers, score) if isinstance(setting.scorer, _MultimetricScorer) else score
    return {"test_scores": scores} | ({"train_scores": scores} if setting.return_train_score else {})
