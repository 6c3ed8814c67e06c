"""Every member trains to its end; groups of them are independent tasks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from joblib import cpu_count, effective_n_jobs
from joblib.parallel import get_active_backend
from sklearn.utils import gen_batches
from sklearn.utils.parallel import Parallel, delayed  # joblib's, with scikit-learn's configuration and warning filters

from lamina.search.cohort import train
from lamina.search.fallback import strangers, tell
from lamina.search.folds import Parts
from lamina.search.journal import Journal
from lamina.search.outcome import Outcome
from lamina.search.progress import Progress
from lamina.search.setting import Member, Result, Setting


class Trainer:
    """Trains the members of a search, as tasks of joblib."""

    def __init__(self, setting: Setting, X, y, n_jobs: int | None, journal: Journal, progress: Progress) -> None:
        self.setting, self.X, self.y, self.n_jobs = setting, X, y, n_jobs
        self.journal, self.progress = journal, progress
        self._parts = Parts()

    def train(self, candidates: Sequence[int]) -> None:
        """Train those of their members that the journal hasn't got."""
        params = [self.setting.candidates[candidate] for candidate in candidates]
        others = strangers(self.setting.estimator, params, self.setting.fit_params)
        if others:
            tell(others, "They are trained one by one, as scikit-learn does.")
        members = self._members(candidates)
        known = {member: self.journal.results[0, *member] for member in members if (0, *member) in self.journal.results}
        if known:
            self._count(known, resumed=True)
        tasks = (delayed(train)(self.setting, self.X, self.y, some, self._parts) for some in self._tasks(candidates))
        for results in _as_they_finish(tasks, self.n_jobs):
            self.journal.add({(0, *member): result for member, result in results.items()})
            self._count(results)

    def results(self, candidates: Sequence[int]) -> list[Result]:
        """What the journal has got on these, split by split."""
        return [self.journal.results[0, *member] for member in self._members(candidates)]

    def outcome(self) -> Outcome:
        """All results."""
        candidates = list(self.setting.candidates)
        return Outcome(candidates, self.results(range(len(candidates))))

    def _members(self, candidates: Iterable[int]) -> list[Member]:
        return list(product(candidates, range(len(self.setting.splits))))

    def _count(self, results: dict[Member, Result], resumed: bool = False) -> None:
        self.progress.add(results, self.progress.alive - len(results), len(results), resumed)

    def _tasks(self, candidates: Iterable[int]) -> Iterator[Sequence[Member]]:
        """Members of one program, split until every process has some; a single process takes a program per core."""
        groups, n_processes = self.setting.groups(candidates), effective_n_jobs(self.n_jobs)
        if n_processes == 1:
            groups = [[c for group in groups[some] for c in group] for some in gen_batches(len(groups), cpu_count())]
        pieces = math.ceil(n_processes / len(groups))
        for group in groups:
            for part in np.array_split(group, min(pieces, len(group))):
                members = [m for m in self._members(part.tolist()) if (0, *m) not in self.journal.results]
                if members:
                    yield members


def _as_they_finish(tasks: Iterable, n_jobs: int | None) -> Iterable[Any]:
    """What the tasks return, each as soon as it is there, if the backend can do that."""
    backend, _ = get_active_backend()
    order = "generator_unordered" if backend.supports_return_generator else "list"
    return Parallel(n_jobs=n_jobs, return_as=order)(tasks)
