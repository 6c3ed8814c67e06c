"""Training curves: losses, score and learning rate over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from lamina.callbacks.monitor import Monitor
from lamina.engine.history import Span, spans
from lamina.errors import DataError, InvalidParameter, UnknownName
from lamina.plotting.display import BLUE, FAINT, GREY, INK, VERMILLION, Display, Panel, dress
from lamina.plotting.ticks import log_if_wide

#: columns of a history that are no scores; "lr" is what Keras called the learning rate before version 3
_NO_SCORES = {"epoch", "loss", "learning_rate", "lr", "seconds", "phase"}
#: phases that begin with this train a layer by itself: their losses are not the whole network's
_ALONE = "layer "
#: width of a letter of a phase's name, as a share of the axes
_LETTER = 0.014


class LossCurveDisplay(Display):
    """Losses, score and learning rate per epoch, computed first and drawn later.

    A panel of losses; one of scores, if any is known; one of the learning rate, if it changed. Losses and learning
    rates that span more than a factor of 30 are drawn on a logarithmic scale. Phases of the training, such as "frozen"
    and "fine-tuning", are bands with their names above the losses.

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
    score : array of shape (n_epochs,), optional
        Training score; NaN where there is none.
    learning_rate : array of shape (n_epochs,), optional
        Learning rate; NaN where it is unknown.
    phase : array of str of shape (n_epochs,), optional
        The phase of the training that each epoch belongs to.
    score_name : str, default="score"
        What the score is called.
    greater_is_better : bool or None, default=True
        Whether a greater score is better than a lower one; None if that is unknown.

    Attributes
    ----------
    best_epoch : int
        The epoch with the best validation score, else `lowest_epoch`.
    lowest_epoch : int
        The epoch with the lowest validation loss, else the lowest loss.
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.

    Raises
    ------
    DataError
        If there is no epoch, or the curves differ in length.

    Examples
    --------
    >>> display = LossCurveDisplay.from_history({"epoch": [1, 2, 3], "loss": [3, 2, 1], "val_score": [0.5, 0.9, 0.8]})
    >>> display.best_epoch
    2
    """

    share_x: ClassVar[bool] = True

    def __init__(
        self,
        epoch: Any,
        loss: Any,
        val_loss: Any = None,
        val_score: Any = None,
        *,
        score: Any = None,
        learning_rate: Any = None,
        phase: Any = None,
        score_name: str = "score",
        greater_is_better: bool | None = True,
    ) -> None:
        self.epoch = np.asarray(epoch)
        self.loss = np.asarray(loss, dtype=float)
        self.val_loss = _known(val_loss)
        self.val_score = _known(val_score)
        self.score = _known(score)
        self.learning_rate = _known(learning_rate)
        self.phase = None if phase is None else np.asarray(phase, dtype=str)
        self.score_name = score_name
        self.greater_is_better = greater_is_better
        if self.epoch.ndim != 1 or len(self.epoch) == 0:
            raise DataError(f"Got a history of shape {self.epoch.shape}. Expected at least one epoch; call fit first.")
        for name in ("loss", "val_loss", "val_score", "score", "learning_rate", "phase"):
            curve = getattr(self, name)
            if curve is not None and curve.shape != self.epoch.shape:
                raise DataError(f"Expected one {name} for each of {len(self.epoch)} epochs. Got shape {curve.shape}.")
        self.best_epoch = self._best_epoch()

    @classmethod
    def from_history(cls, history: Any, metric: str | None = None) -> Self:
        """Take the curves from a history.

        Parameters
        ----------
        history : mapping of str to array, or History
            An estimator's `history_`, what a model's `fit` returns, or its `history`: with "loss" and, if known,
            "epoch", "val_loss", "learning_rate", and a metric's name, the same with "val_" in front, or both.
        metric : str, optional
            The metric to draw as the score, such as "accuracy"; by default the first one known.

        Returns
        -------
        LossCurveDisplay

        Raises
        ------
        UnknownName
            If the history has no such metric.
        DataError
            If the history has no loss.

        Examples
        --------
        >>> history = {"loss": [3, 2, 1], "accuracy": [0.5, 0.9, 0.9], "val_accuracy": [0.4, 0.8, 0.7]}
        >>> LossCurveDisplay.from_history(history, "acuracy")
        Traceback (most recent call last):
            ...
        lamina.errors.UnknownName: Unknown metric of the history "acuracy". Did you mean "accuracy"? Known: accuracy.
        """
        columns = dict(getattr(history, "history", history))
        if "loss" not in columns:
            raise DataError(f"Got a history of {', '.join(columns) or 'nothing'}. Expected a loss; call fit first.")
        if columns is not history and "epoch" not in columns and hasattr(history, "epoch"):
            columns["epoch"] = np.asarray(history.epoch) + 1
        name = _metric_of(columns, metric)
        return cls(
            columns.get("epoch", np.arange(1, len(columns["loss"]) + 1)),
            columns["loss"],
            columns.get("val_loss"),
            columns.get(f"val_{name}"),
            score=columns.get(name),
            learning_rate=columns.get("learning_rate", columns.get("lr")),
            phase=columns.get("phase"),
            score_name=name,
            greater_is_better=_greater_is_better(name),
        )

    @classmethod
    def from_estimator(cls, estimator: Any, metric: str | None = None) -> Self:
        """Take the curves from what was trained.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor or Sequential
            Fitted.
        metric : str, optional
            The metric to draw as the score; by default the first one known.

        Returns
        -------
        LossCurveDisplay

        Raises
        ------
        DataError
            If it is not fitted.
        """
        history = getattr(estimator, "history_", None) or getattr(estimator, "history", None)
        return cls.from_history(history or {}, metric)

    @property
    def size(self) -> tuple[float, float]:
        return (7.0, 5.0) if len(self._panels()) < 3 else (7.0, 7.0)

    def _panels(self) -> Sequence[Panel]:
        panels = [self._draw_losses]
        if self.score is not None or self.val_score is not None:
            panels.append(self._draw_scores)
        if self.learning_rate is not None and np.nanmin(self.learning_rate) < np.nanmax(self.learning_rate):
            panels.append(self._draw_learning_rate)
        return panels

    def _best_epoch(self) -> int:
        if self.val_score is None or self.greater_is_better is None:
            return self.lowest_epoch
        sign = 1 if self.greater_is_better else -1
        return int(self.epoch[np.nanargmax(self._of_the_whole(sign * self.val_score, -np.inf))])

    def _of_the_whole(self, curve: np.ndarray, worst: float) -> np.ndarray:
        """A curve with the worst value where a layer was trained by itself, unless that was all the training."""
        alone = np.zeros(len(curve), bool) if self.phase is None else np.char.startswith(self.phase, _ALONE)
        return np.where(alone, worst, curve) if np.isfinite(curve[~alone]).any() else curve

    @property
    def lowest_epoch(self) -> int:
        """The epoch of the lowest validation loss, or training loss if there is none."""
        curve = self.loss if self.val_loss is None else self.val_loss
        if not np.isfinite(curve).any():
            return int(self.epoch[-1])
        return int(self.epoch[np.nanargmin(self._of_the_whole(curve, np.inf))])

    def _draw_losses(self, axes: Any) -> None:
        self._draw_pair(axes, self.loss, self.val_loss, "loss")
        log_if_wide(axes, np.concatenate([self.loss, [] if self.val_loss is None else self.val_loss]))
        self._name_phases(axes)
        self._finish(axes, "loss", "lowest loss", self.lowest_epoch)

    def _draw_scores(self, axes: Any) -> None:
        words = self.score_name.replace("_", " ")
        self._draw_pair(axes, self.score, self.val_score, words)
        ylabel = words if self.score is not None else f"validation {words}"
        if self.val_score is None or self.greater_is_better is None:
            return self._finish(axes, ylabel)
        best = self.val_score[self.epoch == self.best_epoch][0]
        axes.plot(self.best_epoch, best, "o", color=VERMILLION, markersize=6)
        return self._finish(axes, ylabel, f"best {words} {best:.4g}", self.best_epoch)

    def _draw_learning_rate(self, axes: Any) -> None:
        rate = np.asarray(self.learning_rate)
        axes.plot(self.epoch, rate, color=INK, **self._line)
        log_if_wide(axes, rate)
        self._finish(axes, "learning rate")

    def _draw_pair(self, axes: Any, training: Any, validation: Any, words: str) -> None:
        """The training curve and the validation curve, as far as they are known."""
        if training is not None:
            axes.plot(self.epoch, training, color=BLUE, label=f"training {words}", **self._line)
        if validation is not None:
            axes.plot(
                self.epoch, validation, color=VERMILLION, linestyle="--", label=f"validation {words}", **self._line
            )

    @property
    def spans(self) -> list[Span]:
        """The phases; none where the training had but one."""
        found = [] if self.phase is None else spans(self.phase)
        return found if len(found) > 1 else []

    def bounds(self, span: Span) -> tuple[float, float]:
        """Where a phase begins and ends on the axis of epochs: halfway between epochs."""
        epoch = self.epoch.astype(float)
        low = epoch[0] if span.first == 0 else (epoch[span.first - 1] + epoch[span.first]) / 2
        high = epoch[-1] if span.end == len(epoch) else (epoch[span.end - 1] + epoch[span.end]) / 2
        return float(low), float(high)

    def _name_phases(self, axes: Any) -> None:
        """The name of each phase above its band; of a narrow one, away from the middle."""
        whole = float(self.epoch[-1] - self.epoch[0])
        for span in self.spans:
            low, high = self.bounds(span)
            fits = high - low > _LETTER * len(span.phase) * whole
            at, side = ((low + high) / 2, "center") if fits else (low, "left") if span.first else (high, "right")
            axes.annotate(
                span.phase,
                (at, 1.0),
                (0, 3),
                xycoords=axes.get_xaxis_transform(),
                textcoords="offset points",
                ha=side,
                color=GREY,
                fontsize="small",
            )

    @property
    def _line(self) -> dict[str, Any]:
        """A run of one or two epochs has no line to see, so it is drawn with dots."""
        return {"marker": "." if len(self.epoch) < 3 else "", "linewidth": 1.8}

    def _finish(self, axes: Any, ylabel: str, what: str = "", epoch: int | None = None) -> None:
        """The marked epoch, the bands of the phases, and the common looks."""
        for number, span in enumerate(self.spans):
            if number % 2 == 0:
                axes.axvspan(*self.bounds(span), color=FAINT, alpha=0.45, linewidth=0, zorder=0)
        if epoch is not None:
            axes.axvline(epoch, color=GREY, linestyle=":", linewidth=1.3, label=f"{what}: epoch {epoch}")
        axes.xaxis.get_major_locator().set_params(integer=True)
        dress(axes, "epoch", ylabel, legend=bool(axes.get_legend_handles_labels()[0]))


def _known(curve: Any) -> np.ndarray | None:
    """A curve, or None where nothing in it is known."""
    if curve is None:
        return None
    curve = np.asarray(curve, dtype=float)
    return curve if np.isfinite(curve).any() else None


def _metric_of(columns: Mapping[str, Any], wanted: str | None) -> str:
    """The name of the metric to draw; "score", which need not be there, if there is no other."""
    names = {name.removeprefix("val_"): None for name in columns if name.removeprefix("val_") not in _NO_SCORES}
    if wanted is None:
        known = [n for n in names if any(_known(columns.get(f"{p}{n}")) is not None for p in ("", "val_"))]
        return known[0] if known else "score"
    if wanted not in names:
        raise UnknownName.among("metric of the history", wanted, names)
    return wanted


def _greater_is_better(metric: str) -> bool | None:
    """What is known of the name."""
    try:
        return Monitor(metric).more_is_better
    except InvalidParameter:
        return None
