"""Losses and scores over the epochs of a cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from lamina.plotting.band import draw_band, score_name
from lamina.plotting.display import GREY, Display, Panel, dress
from lamina.plotting.estimators import check_estimator
from lamina.plotting.ticks import log_if_wide
from lamina.search import EpochCurve, epoch_curve


class EpochCurveDisplay(Display):
    """Losses and scores by epoch: means over the folds, with bands of one standard deviation.

    A fold that stopped earlier stays at its last values, as its network does.

    Parameters
    ----------
    curve : EpochCurve
        What :func:`lamina.search.epoch_curve` returned.
    score_name : str, default="score"
        What the scores are.

    Attributes
    ----------
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
    >>> display.curve.val_loss.shape
    (3, 6)
    """

    share_x: ClassVar[bool] = True

    def __init__(self, curve: EpochCurve, score_name: str = "score") -> None:
        self.curve, self.score_name = curve, score_name

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, *, groups: Any = None, cv: Any = None, scoring: Any = None
    ) -> Self:
        """Train once on every fold, measuring on all its rows after each epoch.

        Parameters
        ----------
        estimator, X, y, groups, cv, scoring
            As in :func:`lamina.search.epoch_curve`: by default five folds and the estimator's own score.

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
            "Of a Sequential, train a copy of its own for each fold (lamina.models.clone_model) and give the columns "
            "of their histories to lamina.search.EpochCurve.",
        )
        curve = epoch_curve(estimator, X, y, groups=groups, cv=cv, scoring=scoring)
        return cls(curve, score_name(estimator, scoring))

    @property
    def best_epoch(self) -> int:
        """Where to stop, by the validation loss of all folds."""
        return self.curve.best_epoch

    def _panels(self) -> Sequence[Panel]:
        return [self._draw_losses, self._draw_scores]

    def _draw_losses(self, axes: Any) -> None:
        self._draw_bands(axes, "loss", "val_loss", "loss")
        log_if_wide(axes, np.concatenate([self.curve.loss, self.curve.val_loss]))

    def _draw_scores(self, axes: Any) -> None:
        self._draw_bands(axes, "score", "val_score", self.score_name)

    def _draw_bands(self, axes: Any, train: str, valid: str, label: str) -> None:
        draw_band(axes, self.curve.epoch, self.curve.carried(train).T, 0, "training rows")
        draw_band(axes, self.curve.epoch, self.curve.carried(valid).T, 1, "validation rows")
        best = self.best_epoch
        axes.axvline(best, color=GREY, linestyle=":", linewidth=1.3, label=f"lowest validation loss: epoch {best}")
        axes.xaxis.get_major_locator().set_params(integer=True)
        dress(axes, "epoch", label, legend=True)
