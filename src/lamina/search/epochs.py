"""Losses and scores after every epoch, over the folds of a cross-validation, from one training per fold."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.metrics import check_scoring

from lamina.errors import DivergenceError, InvalidParameter
from lamina.neural_network.population import Population
from lamina.search.folds import Folds, Member
from lamina.search.trained_copies import split_rows
from lamina.search.wrapping import in_population, network_of, transforms_targets

_NAMES = ("loss", "val_loss", "score", "val_score")


@dataclass(frozen=True)
class EpochCurve:
    """Losses and scores of every fold after every epoch; NaN after the last epoch of a fold that stopped earlier.

    Attributes
    ----------
    loss, val_loss : ndarray of shape (n_folds, n_epochs)
        Training loss, with its penalties, and loss of the fold's other rows, without.
    score, val_score : ndarray of shape (n_folds, n_epochs)
        Scores of the training rows and of the others.
    n_epochs : ndarray of shape (n_folds,)
        How many epochs each fold was trained.
    """

    loss: np.ndarray
    val_loss: np.ndarray
    score: np.ndarray
    val_score: np.ndarray
    n_epochs: np.ndarray

    @property
    def epoch(self) -> np.ndarray:
        """The epochs' numbers, from 1."""
        return np.arange(1, self.loss.shape[1] + 1)

    @property
    def best_epoch(self) -> int:
        """The epoch of the lowest mean validation loss: where to stop, by all folds."""
        mean = self.mean()["val_loss"]
        return int(self.epoch[np.nanargmin(mean)]) if np.isfinite(mean).any() else int(self.epoch[-1])

    def carried(self, name: str) -> np.ndarray:
        """The array of that name; a fold that has stopped keeps its last values, as its network does.

        Parameters
        ----------
        name : {"loss", "val_loss", "score", "val_score"}
            Which array.

        Returns
        -------
        ndarray of shape (n_folds, n_epochs)
        """
        return np.take_along_axis(getattr(self, name), np.minimum(self.epoch, self.n_epochs[:, None]) - 1, axis=1)

    def mean(self) -> dict[str, np.ndarray]:
        """Means over the folds, of the arrays as `carried` gives them.

        Returns
        -------
        dict of str to ndarray of shape (n_epochs,)
            By name; NaN from the epoch in which a fold diverged.
        """
        return {name: self.carried(name).mean(axis=0) for name in _NAMES}

    def std(self) -> dict[str, np.ndarray]:
        """Standard deviations over the folds, of the arrays as `carried` gives them.

        Returns
        -------
        dict of str to ndarray of shape (n_epochs,)
            By name; NaN from the epoch in which a fold diverged.
        """
        return {name: self.carried(name).std(axis=0) for name in _NAMES}


def epoch_curve(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    groups: Any = None,
    cv: Any = None,
    scoring: Any = None,
    params: dict[str, Any] | None = None,
) -> EpochCurve:
    """Losses and scores after every epoch from one training per fold; the folds are trained together.

    The scores after epoch k are those that :func:`validation_curve` finds for ``max_iter=k`` by training anew for every
    k, if the learning rate does not depend on ``max_iter`` and there is no early stopping. With early stopping, the
    validation rows of the fold take the place of the held-out share, and scores are those of the best weights so far.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, or a pipeline that ends with one
        Copies of it are trained, for up to ``max_iter`` epochs.
    X, y : array-like
        The rows.
    groups : array-like of shape (n_samples,), optional
        For splitters that keep groups of rows together.
    cv : int, splitter or iterable of pairs of indices, optional
        The folds; five by default, stratified for a classifier.
    scoring : str or callable, optional
        One of scikit-learn's scores; by default the estimator's own, accuracy or R².
    params : dict, optional
        ``{"sample_weight": w}``, for a step of a pipeline ``{"step__sample_weight": w}``; weights count in training.

    Returns
    -------
    EpochCurve
        Arrays of shape (n_folds, n_epochs); where a fold diverged there is a warning, and NaN.

    Raises
    ------
    InvalidParameter
        If the estimator is another one, or cannot be paused (``solver="lbfgs"``, ``time_budget``).
    DataError
        If a fold cannot be trained on.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> curve = epoch_curve(MLPClassifier((8,), tol=10, n_iter_no_change=4, random_state=0), X, y, cv=3)
    >>> curve.val_loss.shape, curve.n_epochs.tolist()
    ((3, 6), [6, 6, 6])
    """
    own_rows = any(name.endswith("validation_data") for name in params or ())
    if not in_population(estimator, params or ()) or own_rows or transforms_targets(estimator):
        given = f" with params {sorted(params)}" if params else ""
        raise InvalidParameter(
            f"epoch_curve received {estimator!r}{given}. It expects lamina's MLPClassifier or MLPRegressor, alone or "
            "as the last step of a Pipeline, and as params for it nothing but sample_weight. For another one, use "
            "validation_curve over its own number of iterations."
        )
    if not (scoring is None or isinstance(scoring, str) or callable(scoring)):
        raise InvalidParameter(f"epoch_curve takes one score: a name or a function. Received scoring={scoring!r}.")
    scorer = check_scoring(network_of(estimator), scoring=scoring)
    X, y, splits = split_rows(estimator, X, y, cv, groups)
    folds = Folds(estimator, X, y, params)
    members = [folds.member(train, test=test) for train, test in splits]
    _raise_errors(members)
    scores = _train(members, scorer)
    _raise_errors(members)
    return _curve(members, scores)


def _raise_errors(members: Sequence[Member]) -> None:
    """Raise what a training raised, but that it diverged: that is part of the curve."""
    for number, member in enumerate(members):
        if isinstance(member.error, DivergenceError):
            warnings.warn(f"Fold {number}: {member.error}", FitFailedWarning, stacklevel=3)
        elif member.error is not None:
            raise member.error


def _train(members: Sequence[Member], scorer: Any) -> list[dict[int, tuple[float, float]]]:
    """Train all members epoch by epoch; for each, its training and validation score by number of epochs."""
    jobs = [member.job for member in members]
    scores: list[dict[int, tuple[float, float]]] = [{} for _ in jobs]
    population = Population(jobs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # whether it has converged is what the curve shows
        while running := population.running:
            population.advance(1)
            for job, of_job in zip(jobs, scores):
                if job in running and job.error is None:
                    network, others = job.estimator, job.validation_data or ()
                    of_job[job.epochs] = scorer(network, job.X, job.y), scorer(network, *others)
    return scores


def _curve(members: Sequence[Member], scores: Sequence[dict[int, tuple[float, float]]]) -> EpochCurve:
    """Histories and scores side by side."""
    histories = [member.job.estimator.history_ for member in members]
    n_epochs = np.array([len(history["loss"]) for history in histories])
    arrays = {name: np.full((len(members), n_epochs.max()), np.nan) for name in _NAMES}
    for number, (history, of_fold) in enumerate(zip(histories, scores)):
        for name in ("loss", "val_loss"):
            arrays[name][number, : n_epochs[number]] = history[name]
        for epoch, (score, val_score) in of_fold.items():
            arrays["score"][number, epoch - 1], arrays["val_score"][number, epoch - 1] = score, val_score
    return EpochCurve(**arrays, n_epochs=n_epochs)
