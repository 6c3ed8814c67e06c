"""How many layers to reuse and to freeze, by cross-validation: all candidates and folds as one population."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, StratifiedKFold, check_cv
from sklearn.utils import _safe_indexing
from sklearn.utils.multiclass import type_of_target

from lamina.errors import DivergenceError
from lamina.neural_network.population import Job, fit_together
from lamina.reuse.phases import Phase

#: numbers of hidden layers to reuse and, of these, to keep frozen
Pair = tuple[int, int]
Candidate = tuple[Callable[[], Any], Sequence[Phase]]


class Choice(NamedTuple):
    """The best numbers of layers, and what all were worth."""

    n_reused: int
    n_frozen: int
    #: by column: n_reused, n_frozen, mean_loss and std_loss over the folds
    table: dict[str, np.ndarray]


class _Trial(NamedTuple):
    """A candidate on one fold."""

    pair: Pair
    fold: int
    network: Any
    phases: Sequence[Phase]


def choose(
    candidates: Mapping[Pair, Candidate], usual: Pair, rows: Any, y: Any, weight: Any, cv: Any, seed: int
) -> Choice | None:
    """The pair with the least mean loss on held-out rows, unless the usual one is as good within a standard error.

    None where the rows are too few for folds.
    """
    folds = _folds(y, cv, seed)
    if not folds:
        return None
    trials = [
        _Trial(pair, fold, build(), phases)
        for pair, (build, phases) in candidates.items()
        for fold in range(len(folds))
    ]
    parts = [_parts(rows, y, weight, train) for train, _ in folds]
    failed: set[int] = set()
    for number in range(max(len(trial.phases) for trial in trials)):
        failed |= _advance([t for t in trials if number < len(t.phases) and id(t) not in failed], number, parts)
    losses: dict[Pair, list[float]] = {pair: [] for pair in candidates}
    for trial in trials:
        held = _parts(rows, y, None, folds[trial.fold][1])[:2]
        worth = np.inf if id(trial) in failed else trial.network.evaluate(*held, return_dict=True)["loss"]
        losses[trial.pair].append(worth)
    means = {pair: float(np.mean(values)) for pair, values in losses.items()}
    best = min(means, key=lambda pair: means[pair])
    best = usual if not np.isfinite(means[best]) or _as_good(losses[usual], losses[best]) else best
    columns = np.array(list(losses))
    return Choice(
        *best,
        table={
            "n_reused": columns[:, 0],
            "n_frozen": columns[:, 1],
            "mean_loss": np.array(list(means.values())),
            "std_loss": np.array([np.std(v) if np.isfinite(v).all() else np.nan for v in losses.values()]),
        },
    )


def _as_good(usual: list[float], best: list[float]) -> bool:
    """Whether the difference, fold by fold, is within its standard error: few rows make the best one best by chance."""
    differences = np.subtract(usual, best)
    error = differences.std(ddof=1) / len(differences) ** 0.5 if len(differences) > 1 else 0.0
    return bool(differences.mean() <= error)


def _advance(trials: Sequence[_Trial], number: int, parts: Sequence[tuple]) -> set[int]:
    """One phase of all trials side by side; those that diverged."""
    jobs = []
    for trial in trials:
        trial.phases[number].prepare(trial.network)
        jobs.append(Job(trial.network, *parts[trial.fold]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fit_together(jobs)
    for job in jobs:
        if job.error is not None and not isinstance(job.error, DivergenceError):
            raise job.error
    return {id(trial) for trial, job in zip(trials, jobs) if job.error is not None}


def _folds(y: Any, cv: Any, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Row numbers to train on and to hold out; a number of folds has each class in every fold."""
    if not isinstance(cv, Integral):
        return list(check_cv(cv, y).split(np.zeros(len(y)), y))
    by_class = type_of_target(y) in ("binary", "multiclass") and np.asarray(y).dtype.kind != "f"
    rarest = np.unique(np.asarray(y), return_counts=True)[1].min() if by_class else len(y)
    n_folds = min(int(cv), int(rarest))
    if n_folds < 2:
        return []
    kind = StratifiedKFold if by_class else KFold
    return list(kind(n_folds, shuffle=True, random_state=seed).split(np.zeros(len(y)), y if by_class else None))


def _parts(rows: Any, y: Any, weight: Any, index: np.ndarray) -> tuple:
    """Rows, targets and weights at the given places."""
    return tuple(None if part is None else _safe_indexing(part, index) for part in (rows, y, weight))
