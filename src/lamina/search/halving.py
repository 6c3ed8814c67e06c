"""Weak settings are dropped at rungs of epochs; the others go on from where they are."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np

from lamina.neural_network.population import check_single_phase
from lamina.search.cohort import Cohort
from lamina.search.folds import Parts
from lamina.search.journal import Journal
from lamina.search.outcome import Outcome, check_one_decides, score_of
from lamina.search.progress import Progress
from lamina.search.setting import Member, Result, Setting
from lamina.search.wrapping import network_of

#: one setting in so many goes on, for so many times the epochs
FACTOR = 3


def rungs_of(n_candidates: int, max_epochs: int) -> list[int]:
    """Epochs at which settings are compared, the last one being the end.

    >>> rungs_of(27, 200)
    [7, 22, 66, 200]
    """
    epochs = [max_epochs]
    while n_candidates >= FACTOR and epochs[0] >= FACTOR:
        n_candidates = math.ceil(n_candidates / FACTOR)
        epochs.insert(0, epochs[0] // FACTOR)
    return epochs


def rungs(setting: Setting) -> list[int]:
    """The rungs of this search."""
    networks = [network_of(setting.estimator_of(c)) for c in range(len(setting.candidates))]
    for network in networks:
        check_single_phase(network)
    epochs = [network.max_iter for network in networks]
    longest = max(
        (int(n) for n in epochs if isinstance(n, int | np.integer)), default=0
    )  # others fail, as in their own fits
    return rungs_of(len(setting.candidates), longest)


def work(setting: Setting) -> float:
    """Epochs of all members together, if a third goes on from each rung."""
    steps = [later - sooner for sooner, later in pairwise([0, *rungs(setting)])]
    alive = [math.ceil(len(setting.candidates) / FACTOR**rung) for rung in range(len(steps))]
    return float(np.dot(steps, alive)) * len(setting.splits)


class Race:
    """Settings in training, of which only the better ones reach the next rung."""

    def __init__(self, setting: Setting, X, y, metric: str, journal: Journal, progress: Progress) -> None:
        check_one_decides(setting.scorer, metric)
        self.setting, self.X, self.y, self.metric = setting, X, y, metric
        self.journal, self.progress = journal, progress
        self.rungs = rungs(setting)
        #: the mean scores of all settings that have reached a rung so far, by candidate
        self._scores: list[dict[int, float]] = [{} for _ in self.rungs]
        self._parts = Parts()

    def run(self, groups: Sequence[Sequence[int]]) -> Outcome:
        """Train one group after the other; each is compared with all that came before it."""
        for group in groups:
            self._run_group(list(group))
        rows = [(rung, candidate) for rung, scores in enumerate(self._scores) for candidate in sorted(scores)]
        return Outcome(
            candidates=[self.setting.candidates[candidate] for _, candidate in rows],
            results=[self.journal.results[rung, *member] for rung, c in rows for member in self._members([c])],
            more={"iter": [rung for rung, _ in rows], "n_resources": [self.rungs[rung] for rung, _ in rows]},
        )

    def _run_group(self, alive: list[int]) -> None:
        cohort = None
        for rung, epochs in enumerate(self.rungs):
            members = self._members(alive)
            resumed = all((rung, *member) in self.journal.results for member in members)
            if not resumed:
                cohort = cohort or Cohort(self.setting, self.X, self.y, members, self._parts)
                cohort.advance(epochs - cohort.epochs)
                self.journal.add({(rung, *member): result for member, result in cohort.results().items()})
            results = {member: self.journal.results[rung, *member] for member in members}
            alive = self._best(rung, results)
            step = epochs - ([0, *self.rungs][rung])
            self.progress.add(results, len(alive) * len(self.setting.splits), len(results) * step, resumed, rung)
            if cohort:
                cohort.keep(alive)

    def _best(self, rung: int, results: dict[Member, Result]) -> list[int]:
        """Those of the candidates that are in the best third of all that have come so far."""
        scores = defaultdict(list)
        for (candidate, _), result in results.items():
            scores[candidate].append(score_of(result, self.metric))
        seen = self._scores[rung]
        seen |= {candidate: float(np.mean(each)) for candidate, each in scores.items()}
        ranked = sorted(seen, key=lambda c: (math.isnan(seen[c]), -seen[c], c))
        best = ranked[: math.ceil(len(seen) / FACTOR)]
        return [candidate for candidate in scores if candidate in best]

    def _members(self, candidates: Sequence[int]) -> list[Member]:
        return list(product(candidates, range(len(self.setting.splits))))
