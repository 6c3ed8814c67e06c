"""Members of a search that train together."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable, Sequence
from typing import Any

from sklearn.base import clone
from sklearn.model_selection._validation import _fit_and_score, _MultimetricScorer, _score
from sklearn.utils.validation import _num_samples

from lamina.neural_network.population import Job, Population
from lamina.search.preparation import Given, Preparation, Prepared
from lamina.search.setting import Member, Result, Setting
from lamina.search.wrapping import network_of


class Cohort:
    """Members in training, each as it would be alone."""

    def __init__(self, setting: Setting, X, y, members: Sequence[Member], made: Prepared) -> None:
        self.setting = setting
        self._rows = Preparation(setting, X, y, made)
        self._entrants = {member: self._enter(member) for member in members}
        starting = [job for job, _ in self._entrants.values() if job.error is None]
        self._population = Population(starting, setting.max_memory)
        self.epochs = 0

    def advance(self, n_epochs: int | None = None) -> None:
        """Train for so many epochs more, or to the end."""
        self._population.advance(n_epochs)
        self.epochs += n_epochs or 0

    def keep(self, candidates: Iterable[int]) -> None:
        """Let all others stop where they are."""
        staying = set(candidates)
        leaving = {member: entrant for member, entrant in self._entrants.items() if member[0] not in staying}
        self._population.drop([job for job, _ in leaving.values() if not job.ended])
        for member in leaving:
            del self._entrants[member]

    def estimators(self) -> list[Any]:
        """The fitted estimators; raises what a fit has raised."""
        for job, _ in self._entrants.values():
            if job.error is not None:
                raise job.error
        return [given.whole(job.estimator) for job, given in self._entrants.values()]

    def results(self) -> dict[Member, Result]:
        """Scores and times as scikit-learn collects them."""
        return {member: self._result(member, *entrant) for member, entrant in self._entrants.items()}

    def _enter(self, member: Member) -> tuple[Job, Given]:
        candidate, split = member
        estimator = self.setting.estimator_of(candidate)
        given = self._rows.given(estimator, candidate, split)
        job = Job(network_of(estimator), given.X, given.y, **(given.fit_params or {}), error=given.error)
        return job, given

    def _result(self, member: Member, job: Job, given: Given) -> Result:
        setting, split = self.setting, member[1]
        result = {
            "fit_error": None if job.error is None else "".join(traceback.format_exception(job.error)),
            "n_test_samples": _num_samples(setting.splits[split][1]),
            "fit_time": job.seconds + given.seconds,
        }
        started = time.perf_counter()
        if job.error is not None:
            if setting.error_score == "raise":
                raise job.error
            result |= _error_scores(setting)
            return result | {"score_time": 0.0}
        fitted = given.whole(job.estimator)
        result["test_scores"] = self._scores(fitted, split, test=True)
        result["score_time"] = time.perf_counter() - started
        if setting.return_train_score:
            result["train_scores"] = self._scores(fitted, split, test=False)
        return result

    def _scores(self, fitted, split: int, test: bool):
        params = self._rows.score_params(split, test)
        X, y = self._rows.part(split, test)
        return _score(fitted, X, y, self.setting.scorer, params, self.setting.error_score)


def train(setting: Setting, X, y, members: Sequence[Member], made: Prepared) -> dict[Member, Result]:
    """Train members to their ends: networks of ours together, others one by one."""
    ours = {c for c in {c for c, _ in members} if setting.in_population(setting.estimator_of(c))}
    results = {member: _alone(setting, X, y, member) for member in members if member[0] not in ours}
    cohort = Cohort(setting, X, y, [member for member in members if member[0] in ours], made)
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
