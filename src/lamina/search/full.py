"""Every member trains to its end; groups of them are independent tasks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from joblib import Parallel, cpu_count, delayed, effective_n_jobs
from joblib.parallel import get_active_backend
from sklearn.utils import gen_batches

from lamina.search.cohort import train
from lamina.search.journal import Journal
from lamina.search.outcome import Outcome
from lamina.search.preparation import Prepared
from lamina.search.progress import Progress
from lamina.search.setting import Member, Setting


def train_fully(setting: Setting, X, y, n_jobs: int | None, journal: Journal, progress: Progress) -> Outcome:
    """Train what the journal hasn't got, and give all results."""
    members = list(product(range(len(setting.candidates)), range(len(setting.splits))))
    known = {member: journal.results[0, *member] for member in members if (0, *member) in journal.results}
    alive = len(members) - len(known)
    if known:
        progress.add(known, alive, len(known), resumed=True)
    made = Prepared()
    tasks = (delayed(train)(setting, X, y, group, made) for group in _tasks(setting, known.keys(), n_jobs))
    for results in _as_they_finish(tasks, n_jobs):
        journal.add({(0, *member): result for member, result in results.items()})
        alive -= len(results)
        progress.add(results, alive, len(results))
    return Outcome(list(setting.candidates), [journal.results[0, *member] for member in members])


def _tasks(setting: Setting, known: Iterable[Member], n_jobs: int | None) -> Iterator[Sequence[Member]]:
    """Members of one program each, split until every process has some; a single process takes a program per core."""
    groups, n_processes = setting.groups(), effective_n_jobs(n_jobs)
    if n_processes == 1:
        groups = [[c for group in groups[some] for c in group] for some in gen_batches(len(groups), cpu_count())]
    pieces = math.ceil(n_processes / len(groups))
    for candidates in groups:
        for part in np.array_split(candidates, min(pieces, len(candidates))):
            members = [m for m in product(part.tolist(), range(len(setting.splits))) if m not in known]
            if members:
                yield members


def _as_they_finish(tasks: Iterable, n_jobs: int | None) -> Iterable[Any]:
    """What the tasks return, each as soon as it is there, if the backend can do that."""
    backend, _ = get_active_backend()
    order = "generator_unordered" if backend.supports_return_generator else "list"
    return Parallel(n_jobs=n_jobs, return_as=order)(tasks)
