"""Learning curves: loss and validation score over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from lamina.errors import DataError
from lamina.plotting.display import BLUE, GREEN, GREY, VERMILLION, Display, Panel, dress


class LossCurveDisplay(Display):
    """Loss and validation score per epoch, computed first and drawn later.

    Parameters
    ----------
    epoch : array of shape (n_epochs,)
        Epoch numbers, from 1.
    loss : array of shape (n_epochs,)
        Training loss.
    val_loss : array of shape (n_epochs,), optional
        Validation loss; NaN where there is none.
    val_score : array of shape (n_epochs,), optional
        Validation score; NaN where there is none.

    Attributes
    ----------
    best_epoch : int
        The epoch with the highest validation score, else the lowest validation loss, else the lowest loss.
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.

    Examples
    --------
    >>> display = LossCurveDisplay.from_history({"epoch": [1, 2, 3], "loss": [3, 2, 1], "val_score": [0.5, 0.9, 0.8]})
    >>> display.best_epoch
    2
    """

    share_x: ClassVar[bool] = True

    def __init__(self, epoch: Any, loss: Any, val_loss: Any = None, val_score: Any = None) -> None:
        self.epoch = np.asarray(epoch)
        self.loss = np.asarray(loss, dtype=float)
        self.val_loss = _known(val_loss)
        self.val_score = _known(val_score)
        if self.epoch.ndim != 1 or len(self.epoch) == 0:
            raise DataError(f"Got a history of shape {self.epoch.shape}. Expected at least one epoch; call fit first.")
        self.best_epoch = self._best_epoch()

    @classmethod
    def from_history(cls, history: Mapping[str, Any]) -> LossCurveDisplay:
        """Take the curves from a history.

        Parameters
        ----------
        history : mapping of str to array
            With "loss" and, if known, "epoch", "val_loss" and "val_score".

        Returns
        -------
        LossCurveDisplay
        """
        epoch = history["epoch"] if "epoch" in history else np.arange(1, len(history["loss"]) + 1)
        return cls(epoch, history["loss"], history.get("val_loss"), history.get("val_score"))

    @classmethod
    def from_estimator(cls, estimator: Any) -> LossCurveDisplay:
        """Take the curves from a fitted estimator.

        Parameters
        ----------
        estimator : MLPClassifier or MLPRegressor
            Fitted.

        Returns
        -------
        LossCurveDisplay
        """
        return cls.from_history(estimator.history_)

    def _best_epoch(self) -> int:
        if self.val_score is not None:
            return int(self.epoch[np.nanargmax(self.val_score)])
        return self._lowest_epoch()

    def _lowest_epoch(self) -> int:
        """The epoch of the least validation loss, or training loss if there is none."""
        curve = self.loss if self.val_loss is None else self.val_loss
        return int(self.epoch[np.nanargmin(curve)]) if np.isfinite(curve).any() else int(self.epoch[-1])

    def _panels(self) -> Sequence[Panel]:
        """The losses, and the score if it is known."""
        return [self._draw_losses] if self.val_score is None else [self._draw_losses, self._draw_score]

    def _draw_losses(self, axes: Any) -> None:
        axes.plot(self.epoch, self.loss, color=BLUE, label="training loss", **_marks(self.epoch))
        if self.val_loss is not None:
            label = "validation loss"
            axes.plot(self.epoch, self.val_loss, color=VERMILLION, linestyle="--", label=label, **_marks(self.epoch))
        known = np.concatenate([self.loss, [] if self.val_loss is None else self.val_loss])
        known = known[np.isfinite(known)]
        if len(known) and known.min() > 0 and known.max() > 30 * known.min():
            axes.set_yscale("log")
        _finish(axes, "loss", self._lowest_epoch(), "lowest loss")

    def _draw_score(self, axes: Any) -> None:
        score = np.asarray(self.val_score)
        axes.plot(self.epoch, score, color=GREEN, label="validation score", **_marks(self.epoch))
        at = np.flatnonzero(self.epoch == self.best_epoch)[0]
        axes.plot(self.best_epoch, score[at], "o", color=GREEN, markersize=6)
        _finish(axes, "validation score", self.best_epoch, f"best score {score[at]:.4g}")


def _known(curve: Any) -> np.ndarray | None:
    """A curve, or None where nothing in it is known."""
    if curve is None:
        return None
    curve = np.asarray(curve, dtype=float)
    return curve if np.isfinite(curve).any() else None


def _marks(epoch: np.ndarray) -> dict[str, Any]:
    """A run of one or two epochs has no line to see, so it is drawn with dots."""
    return {"marker": "." if len(epoch) < 3 else "", "linewidth": 1.8}


def _finish(axes: Any, label: str, epoch: int, what: str) -> None:
    """The marked epoch, label, grid and legend."""
    axes.axvline(epoch, color=GREY, linestyle=":", linewidth=1.3, label=f"{what}: epoch {epoch}")
    axes.xaxis.get_major_locator().set_params(integer=True)
    dress(axes, "epoch", label, legend=True)
