"""The classification report: precision, recall and F1 of every class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.metrics import precision_recall_fscore_support
from sklearn.utils.multiclass import unique_labels

from lamina.plotting.display import BLUE, FAINT, INK, VERMILLION, Display, Panel, dress
from lamina.plotting.estimators import check_estimator
from lamina.plotting.ticks import name_ticks, names_of


class ClassificationReportDisplay(Display):
    """Precision, recall and F1 of every class, a line each, with the number of its rows.

    Precision is the share of right ones among the rows that were given the class, recall the share found of the rows
    that have it, and F1 their harmonic mean; 0 where there are no such rows.

    Parameters
    ----------
    classes : array of shape (n_classes,)
        Names of the classes.
    precision, recall, f1 : array of shape (n_classes,)
        From 0 to 1.
    support : array of shape (n_classes,)
        Number (or weight) of the rows of the class.

    Attributes
    ----------
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.

    Examples
    --------
    >>> display = ClassificationReportDisplay.from_predictions(["cat", "cat", "dog"], ["cat", "dog", "dog"])
    >>> display.precision.tolist(), display.recall.tolist(), display.support.tolist()
    ([1.0, 0.5], [0.5, 1.0], [2, 1])
    """

    def __init__(self, classes: Any, precision: Any, recall: Any, f1: Any, support: Any) -> None:
        self.classes, self.support = np.asarray(classes), np.asarray(support)
        self.precision, self.recall, self.f1 = np.asarray(precision), np.asarray(recall), np.asarray(f1)

    @classmethod
    def from_predictions(
        cls, y_true: Any, y_pred: Any, *, display_labels: Any = None, sample_weight: Any = None
    ) -> Self:
        """Compare labels with predictions.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_labels)
            Classes, or yes/no labels.
        display_labels : sequence of str, optional
            Names for the classes, in sorted order.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows.

        Returns
        -------
        ClassificationReportDisplay
        """
        classes = names_of(unique_labels(y_true, y_pred), display_labels)
        numbers = precision_recall_fscore_support(y_true, y_pred, sample_weight=sample_weight, zero_division=0)
        return cls(classes, *numbers)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, *, display_labels: Any = None, sample_weight: Any = None
    ) -> Self:
        """Predict rows and compare.

        Parameters
        ----------
        estimator : MLPClassifier or any fitted classifier
            Predicts classes.
        X : array-like of shape (n_samples, n_features)
            Rows that it was not trained on.
        y, display_labels, sample_weight
            As in `from_predictions`.

        Returns
        -------
        ClassificationReportDisplay

        Raises
        ------
        InvalidParameter
            If it is no estimator, such as a Sequential.
        """
        check_estimator(
            cls,
            estimator,
            "Of a Sequential, give the most probable classes: "
            "ClassificationReportDisplay.from_predictions(y, model.predict(X).argmax(axis=1)).",
        )
        predicted = estimator.predict(X)
        return cls.from_predictions(y, predicted, display_labels=display_labels, sample_weight=sample_weight)

    @property
    def size(self) -> tuple[float, float]:
        """A line of a quarter of an inch for every class."""
        return 7.0, 1.4 + 0.28 * len(self.classes)

    def _panels(self) -> Sequence[Panel]:
        return [self._draw_report]

    def _draw_report(self, axes: Any) -> None:
        line = np.arange(len(self.classes))
        lowest = np.min([self.precision, self.recall, self.f1], axis=0)
        highest = np.max([self.precision, self.recall, self.f1], axis=0)
        axes.hlines(line, lowest, highest, color=FAINT, linewidth=3)
        # the two sides point at each other, and their mean lies between them
        axes.plot(self.precision, line, ">", color=BLUE, label="precision", markersize=7)
        axes.plot(self.recall, line, "<", color=VERMILLION, label="recall", markersize=7)
        axes.plot(self.f1, line, "|", color=INK, label="F1", markersize=12, markeredgewidth=2)
        dress(axes, "share")
        name_ticks(axes.yaxis, self.classes)
        lowest_tenth = np.floor(10 * lowest.min()) / 10
        axes.set(xlim=(lowest_tenth - 0.02, 1.02), ylim=(len(line) - 0.4, -0.6), ylabel="class")
        rows = axes.secondary_yaxis("right")
        name_ticks(rows.yaxis, [f"{number:g}" for number in self.support])
        rows.set_ylabel("rows")
        axes.legend(frameon=False, labelcolor=INK, ncols=3, loc="lower left", bbox_to_anchor=(0, 1))
