"""Losses and scores over the epochs of a cross-validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.model_selection import check_cv
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from lamina.errors import DataError, InvalidParameter
from lamina.neural_network.base import BaseMLP
from lamina.plotting.band import draw_band
from lamina.plotting.curves import LossCurveDisplay
from lamina.plotting.display import GREY, Display, Panel, dress
from lamina.plotting.estimators import check_estimator
from lamina.plotting.ticks import log_if_wide


class EpochCurveDisplay(Display):
    """Losses and validation score by epoch: means over the folds, with bands of one standard deviation.

    A fold that stopped earlier stays at its last values, as its network does.

    Parameters
    ----------
    loss, val_loss : array of shape (n_epochs, n_folds)
        Training loss, with its penalties, and validation loss, without.
    val_score : array of shape (n_epochs, n_folds), optional
        Validation score.

    Attributes
    ----------
    epoch : ndarray of shape (n_epochs,)
        From 1.
    best_epoch : int
        The epoch of the lowest mean validation loss.
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier((8,), tol=10, n_iter_no_change=4, random_state=0)  # stops soon
    >>> display = EpochCurveDisplay.from_estimator(clf, X, y, cv=3)
    >>> display.val_loss.shape
    (6, 3)
    """

    share_x: ClassVar[bool] = True

    def __init__(self, loss: Any, val_loss: Any, val_score: Any = None) -> None:
        self.loss, self.val_loss = np.asarray(loss, dtype=float), np.asarray(val_loss, dtype=float)
        self.val_score = None if val_score is None else np.asarray(val_score, dtype=float)
        if self.loss.ndim != 2 or not len(self.loss):
            raise DataError(f"Got losses of shape {self.loss.shape}. Expected (n_epochs, n_folds), an epoch or more.")
        self.epoch = np.arange(1, len(self.loss) + 1)

    @classmethod
    def from_histories(cls, histories: Sequence[Mapping[str, Any]]) -> Self:
        """Put the histories of several trainings side by side.

        Parameters
        ----------
        histories : sequence of mapping of str to array, or of History
            An estimator's `history_`, or what a model's `fit` returns: each with a "loss", a "val_loss" and, if it is
            known, a validation score.

        Returns
        -------
        EpochCurveDisplay

        Raises
        ------
        DataError
            If there is a training without validation losses.
        """
        curves = [LossCurveDisplay.from_history(history) for history in histories]
        if any(curve.val_loss is None for curve in curves):
            raise DataError("Got a training without validation losses. Give fit validation_data=(X, y).")
        return cls(*(_beside([getattr(curve, name) for curve in curves]) for name in ("loss", "val_loss", "val_score")))

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, y: Any, *, cv: Any = None) -> Self:
        """Train on every fold, measuring on its other rows after each epoch.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor, or a pipeline that ends with one
            Copies of it are trained; with early stopping, by the rows of the fold.
        X, y : array-like
            The rows.
        cv : int, splitter or iterable of pairs of indices, optional
            As in :func:`sklearn.model_selection.cross_validate`; five folds by default.

        Returns
        -------
        EpochCurveDisplay

        Raises
        ------
        InvalidParameter
            If it is no estimator, such as a Sequential.
        """
        check_estimator(
            cls,
            estimator,
            "Of a Sequential, train a copy of its own for each fold (lamina.models.clone_model) and give "
            "what they return to EpochCurveDisplay.from_histories.",
        )
        last = estimator[-1] if isinstance(estimator, Pipeline) else estimator
        if not isinstance(last, BaseMLP):
            raise InvalidParameter(
                f"Got a {type(last).__name__}, which notes no losses of its epochs. Expected MLPClassifier or "
                "MLPRegressor, or a pipeline that ends with one."
            )
        folds = check_cv(cv, y, classifier=is_classifier(estimator)).split(X, y)
        return cls.from_histories([_history_of_fold(estimator, X, y, *fold) for fold in folds])

    @property
    def best_epoch(self) -> int:
        """Where to stop, by the validation loss of all folds."""
        mean = self.val_loss.mean(axis=1)
        return int(self.epoch[np.nanargmin(mean)]) if np.isfinite(mean).any() else int(self.epoch[-1])

    def _panels(self) -> Sequence[Panel]:
        return [self._draw_losses] if self.val_score is None else [self._draw_losses, self._draw_score]

    def _draw_losses(self, axes: Any) -> None:
        draw_band(axes, self.epoch, self.loss, 0, "training loss")
        draw_band(axes, self.epoch, self.val_loss, 1, "validation loss")
        log_if_wide(axes, np.concatenate([self.loss, self.val_loss]))
        self._finish(axes, "loss")

    def _draw_score(self, axes: Any) -> None:
        draw_band(axes, self.epoch, np.asarray(self.val_score), 2, "validation score")
        self._finish(axes, "validation score")

    def _finish(self, axes: Any, label: str) -> None:
        best = self.best_epoch
        axes.axvline(best, color=GREY, linestyle=":", linewidth=1.3, label=f"lowest validation loss: epoch {best}")
        axes.xaxis.get_major_locator().set_params(integer=True)
        dress(axes, "epoch", label, legend=True)


def _history_of_fold(estimator: Any, X: Any, y: Any, train: np.ndarray, test: np.ndarray) -> Mapping[str, Any]:
    """The history of a copy trained on one part and measured on the other, which no step of a pipeline learns from."""
    network = clone(estimator)
    rows, others = _safe_indexing(X, train), _safe_indexing(X, test)
    targets, other_targets = _safe_indexing(y, train), _safe_indexing(y, test)
    if isinstance(network, Pipeline):
        before, network = network[:-1], network[-1]
        rows, others = before.fit_transform(rows, targets), before.transform(others)
    return network.fit(rows, targets, validation_data=(others, other_targets)).history_


def _beside(columns: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """Columns as an array (n_epochs, n_columns), the last value of shorter ones repeated; None if one is not known."""
    known = [column for column in columns if column is not None]
    if len(known) < len(columns):
        return None
    longest = max(map(len, known))
    return np.column_stack([np.pad(column, (0, longest - len(column)), mode="edge") for column in known])
