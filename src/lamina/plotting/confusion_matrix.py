"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn import metrics
from sklearn.utils.multiclass import unique_labels

from lamina.plotting.display import INK, SEQUENTIAL, Display, Panel
from lamina.plotting.estimators import check_estimator
from lamina.plotting.ticks import name_ticks, names_of

#: more classes than these are colours without numbers
MOST_NUMBERS = 20


class ConfusionMatrixDisplay(Display):
    """Rows of each class (down) by the class predicted for them (across), drawn by scikit-learn's display of that name.

    Colours go with the square roots of the numbers, so that few mistakes can be seen; cells of 0 are empty.

    Parameters
    ----------
    confusion_matrix : array of shape (n_classes, n_classes)
        Numbers or shares of rows.
    display_labels : array of shape (n_classes,)
        Names of the classes.

    Attributes
    ----------
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.

    Examples
    --------
    >>> display = ConfusionMatrixDisplay.from_predictions(["cat", "cat", "dog"], ["cat", "dog", "dog"])
    >>> display.confusion_matrix.tolist()
    [[1, 1], [0, 1]]
    """

    def __init__(self, confusion_matrix: Any, display_labels: Any) -> None:
        self.confusion_matrix, self.display_labels = np.asarray(confusion_matrix), np.asarray(display_labels)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_pred: Any,
        *,
        display_labels: Any = None,
        sample_weight: Any = None,
        normalize: str | None = None,
    ) -> Self:
        """Count which classes were predicted for which.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
            Classes.
        display_labels : sequence of str, optional
            Names for the classes, in sorted order.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows.
        normalize : {None, "true", "pred", "all"}, default=None
            Shares of the true class, of the predicted class or of all rows, instead of numbers.

        Returns
        -------
        ConfusionMatrixDisplay
        """
        names = names_of(unique_labels(y_true, y_pred), display_labels)
        matrix = metrics.confusion_matrix(y_true, y_pred, sample_weight=sample_weight, normalize=normalize)
        return cls(matrix, names)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        display_labels: Any = None,
        sample_weight: Any = None,
        normalize: str | None = None,
    ) -> Self:
        """Predict rows and count.

        Parameters
        ----------
        estimator : MLPClassifier or any fitted classifier
            Predicts classes.
        X : array-like of shape (n_samples, n_features)
            Rows that it was not trained on.
        y, display_labels, sample_weight, normalize
            As in `from_predictions`.

        Returns
        -------
        ConfusionMatrixDisplay

        Raises
        ------
        InvalidParameter
            If it is no estimator, such as a Sequential.
        """
        check_estimator(
            cls,
            estimator,
            "Of a Sequential, give the most probable classes: "
            "ConfusionMatrixDisplay.from_predictions(y, model.predict(X).argmax(axis=1)).",
        )
        return cls.from_predictions(
            y, estimator.predict(X), display_labels=display_labels, sample_weight=sample_weight, normalize=normalize
        )

    @property
    def size(self) -> tuple[float, float]:
        """Wide enough for the numbers of a few classes or the names of many."""
        side = float(np.clip(0.45 * len(self.display_labels), 4.5, 12))
        return side + 1, side

    def _panels(self) -> Sequence[Panel]:
        return [self._draw_matrix]

    def _draw_matrix(self, axes: Any) -> None:
        from matplotlib.colors import PowerNorm

        few = len(self.display_labels) <= MOST_NUMBERS
        drawn = metrics.ConfusionMatrixDisplay(self.confusion_matrix, display_labels=self.display_labels)
        shares = self.confusion_matrix.dtype.kind == "f" and self.confusion_matrix.max() <= 1
        # a few mistakes are what one looks for, and would look like none if colours went with the numbers themselves
        norm = PowerNorm(0.5, 0, self.confusion_matrix.max())
        options = {"include_values": few, "values_format": ".2f" if shares else None}
        drawn.plot(ax=axes, im_kw={"cmap": SEQUENTIAL, "norm": norm}, text_kw={"fontsize": "small"}, **options)
        for place, text in np.ndenumerate(drawn.text_) if few else ():
            value = self.confusion_matrix[place]
            text.set(color=INK if norm(value) > 0.5 else "white", visible=bool(value))
        axes.set(xlabel="predicted class", ylabel="true class")
        for axis in (axes.xaxis, axes.yaxis):
            name_ticks(axis, self.display_labels)
        upright = sum(len(str(label)) for label in self.display_labels) > 40
        axes.tick_params(axis="x", rotation=90 if upright else 0)
        axes.tick_params(labelsize="medium" if len(self.display_labels) < 40 else "x-small")
