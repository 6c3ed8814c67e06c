"""Ensembles: several networks of one estimator, trained side by side from seeds of their own, that predict together."""

from __future__ import annotations

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, _num_samples

from lamina.engine.history import COLUMNS, History
from lamina.errors import DivergenceError
from lamina.neural_network.divergence import what_happened, what_to_try
from lamina.neural_network.population import Job, fit_together

#: fitted attributes that say the same of all members, and of the ensemble
COMMON = (
    *("n_features_in_", "feature_names_in_", "classes_", "_multilabel", "n_outputs_", "n_layers_", "out_activation_"),
    "_dtype_",
)
#: private attributes that the fit of a single network leaves
OF_ONE = (
    *("_optimizer_state", "_best_weights", "_rate", "_no_improvement_count", "_in_series"),
    *("_other_params", "_layer_state"),
)


def fit_ensemble(estimator, X, y, sample_weight=None, validation_data=None, unlabeled=None) -> None:
    """Train the members and give the estimator what they have in common; those that diverged are left out."""
    estimator._check_parameters()
    members = members_of(estimator)
    jobs = [
        Job(member, X, y, _weight(member, sample_weight, X, estimator.bootstrap), validation_data, unlabeled)
        for member in members
    ]
    fit_together(jobs)
    for error in [job.error for job in jobs]:
        if error is not None and not isinstance(error, DivergenceError):
            raise error  # all members have the same parameters and rows
    kept = [job.estimator for job in jobs if job.error is None]
    if kept:
        gather(estimator, kept)
    if estimator.verbose:
        for number, member in enumerate(kept, start=1):
            print(f"Member {number} of {len(kept)}: {member.n_iter_} iterations, loss = {member.loss_:.8f}")
    if len(kept) < len(jobs):
        raise _diverged(jobs, len(kept))


def members_of(estimator) -> list:
    """Unfitted networks with the estimator's parameters and seeds of their own, as BaggingClassifier gives them."""
    rng = check_random_state(estimator.random_state)
    most = np.iinfo(np.int32).max
    seeds = [np.random.RandomState(seed).randint(most) for seed in rng.randint(most, size=estimator.n_members)]
    alone = {"n_members": 1, "bootstrap": False, "verbose": False}
    return [clone(estimator).set_params(random_state=int(seed), **alone) for seed in seeds]


def bootstrap_counts(seed: int, n_rows: int) -> np.ndarray:
    """How often each row is drawn, of as many draws with replacement as there are rows.

    >>> bootstrap_counts(0, 5).tolist()
    [1, 0, 0, 3, 1]
    """
    return np.bincount(np.random.RandomState(seed).randint(n_rows, size=n_rows), minlength=n_rows)


def _weight(member, sample_weight, X, bootstrap: bool):
    """The member's row weights: those given, times how often each row was drawn for it."""
    if not bootstrap:
        return sample_weight
    counts = bootstrap_counts(member.random_state, _num_samples(X))
    return counts * _check_sample_weight(sample_weight, X)


def gather(estimator, members: list) -> None:
    """Make fitted networks the members of the estimator, in place of what an earlier fit has left."""
    first = vars(members[0])
    for name in [name for name in vars(estimator) if name.endswith("_") or name in OF_ONE]:
        delattr(estimator, name)
    for name in COMMON:
        if name in first:
            setattr(estimator, name, first[name])
    estimator.estimators_ = members
    estimator.history_ = mean_history([member.history_ for member in members])
    estimator.n_iter_ = max(member.n_iter_ for member in members)
    estimator.interrupted_ = any(member.interrupted_ for member in members)
    estimator._device_weights = {}


def mean_history(histories: list[History]) -> History:
    """Means over the members, of which one that has stopped counts with its last values; `seconds` are sums."""
    longest = max(len(history["epoch"]) for history in histories)
    columns = {"epoch": np.arange(1, longest + 1)}
    for name in COLUMNS[1:]:
        held = [_held(history[name], longest, name == "seconds") for history in histories]
        columns[name] = np.sum(held, axis=0) if name == "seconds" else np.mean(held, axis=0)
    return History(columns)


def _held(column: np.ndarray, length: int, to_nothing: bool) -> np.ndarray:
    """The column with its last value, or nothing, in the rows that it lacks."""
    last = 0.0 if to_nothing or not len(column) else column[-1]
    return np.concatenate([column, np.full(length - len(column), last)])


def _diverged(jobs: list[Job], n_kept: int) -> DivergenceError:
    """Which members, what became of the first of them, what to try."""
    numbers = [number for number, job in enumerate(jobs, start=1) if job.error is not None]
    which = f"Member {numbers[0]}" if len(numbers) == 1 else f"Members {', '.join(map(str, numbers))}"
    rest = f"the other {n_kept} are kept in estimators_" if n_kept else "none is kept"
    first = jobs[numbers[0] - 1].estimator
    return DivergenceError(
        f"{which} of {len(jobs)} diverged; {rest}. Member {numbers[0]}: {what_happened(first.history_['loss'])} "
        f"{what_to_try(first)}"
    )
