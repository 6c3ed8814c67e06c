"""Every member trains to its end; groups of them are independent tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any

from joblib import Parallel, delayed, effective_n_jobs
from joblib.parallel import get_active_backend

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
    tasks = (
        delayed(train)(setting, X, y, group, made) for group in _groups(setting, known.keys(), effective_n_jobs(n_jobs))
    )
    for results in _as_they_finish(tasks, n_jobs):
        journal.add({(0, *member): result for member, result in results.items()})
        alive -= len(results)
        progress.add(results, alive, len(results))
    return Outcome(list(setting.candidates), [journal.results[0, *member] for member in members])


def _groups(setting: Setting, known: Iterable[Member], at_least: int) -> Iterator[Sequence[Member]]:
    """Members to train, those of one program together."""
    for candidates in setting.groups(at_least):
        members = [m for m in product(candidates, range(len(setting.splits))) if m not in known]
        if members:
            yield members


def _as_they_finish(tasks: Iterable, n_jobs: int | None) -> Iterable[Any]:
    """What the tasks return, each as soon as it is there, if the backend can do that."""
    backend, _ = get_active_backend()
    order = "generator_unordered" if backend.supports_return_generator else "list"
    return Parallel(n_jobs=n_jobs, return_as=order)(tasks)
