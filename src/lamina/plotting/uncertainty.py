"""What a network with dropout says about single rows, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import is_classifier

from lamina.errors import DataError
from lamina.plotting.display import BLUE, GREEN, INK, Display, Panel, dress, line_style
from lamina.plotting.ticks import name_ticks, names_of

#: panels that fit on one figure
MOST_ROWS = 24


class UncertaintyDisplay(Display):
    """Means of many predictions with dropout left on, with bars of one standard deviation.

    For classes, each row has a panel with a bar for every class; for a regression, one panel has a point for every row.

    Parameters
    ----------
    mean, std : array of shape (n_rows, n_outputs)
        Of the draws, as `predict_uncertainty` gives them.
    classes : sequence of length n_outputs, optional
        Names of the classes; without them it is a regression.
    truth : sequence of length n_rows, optional
        The true class or number of each row; the class is marked in words and green, the number by a ring.

    Attributes
    ----------
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.

    References
    ----------
    Gal & Ghahramani, Dropout as a Bayesian approximation (2016).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier((16,), dropout=0.3, learning_rate_init=0.05, tol=1, random_state=0).fit(X, y)
    >>> display = UncertaintyDisplay.from_estimator(clf, X[::50])
    >>> display.mean.shape, display.classes.tolist()
    ((3, 3), [0, 1, 2])
    """

    columns: ClassVar[int] = 3

    def __init__(self, mean: Any, std: Any, classes: Any = None, truth: Any = None) -> None:
        self.mean, self.std = np.asarray(mean), np.asarray(std)
        self.truth = None if truth is None else np.asarray(truth)
        if self.mean.ndim != 2 or self.mean.shape != self.std.shape:
            raise DataError(
                f"Got means of shape {self.mean.shape} and deviations of shape {self.std.shape}. Expected both to be "
                "(n_rows, n_outputs)."
            )
        self.classes = None if classes is None else names_of(range(self.mean.shape[1]), classes)
        if self.truth is not None and len(self.truth) != len(self.mean):
            raise DataError(f"Got {len(self.truth)} true values for {len(self.mean)} rows. Give each row one.")
        if self.truth is not None and self.classes is not None and not np.isin(self.truth, self.classes).all():
            unknown = self.truth[~np.isin(self.truth, self.classes)][0]
            raise DataError(f"Got the true class {unknown!r}. Expected one of {', '.join(map(str, self.classes))}.")

    @classmethod
    def from_estimator(
        cls,
        model: Any,
        X: Any,
        n_samples: int = 100,
        *,
        shared_mask: bool = False,
        display_labels: Any = None,
        truth: Any = None,
    ) -> Self:
        """Draw predictions of a few rows.

        Parameters
        ----------
        model : MLPClassifier, MLPRegressor or Sequential
            Fitted, with dropout.
        X : array-like of shape (n_rows, ...)
            A few rows: up to 24 of a classification.
        n_samples : int, default=100
            Number of draws.
        shared_mask : bool, default=False
            Whether all rows of a draw lose the same units.
        display_labels : sequence of str, optional
            Names for the classes, in the order of the outputs.
        truth : sequence of length n_rows, optional
            The true class of each row, by the name that is shown, or the true number.

        Returns
        -------
        UncertaintyDisplay

        Raises
        ------
        DataError
            If there are more rows than panels fit on a figure.
        InvalidParameter
            If the model has no dropout.
        """
        drawn = model.predict_uncertainty(X, n_samples, shared_mask)
        classes = display_labels
        if classes is None and (is_classifier(model) or drawn.entropy is not None):
            classes = getattr(model, "classes_", range(drawn.mean.shape[1]))
        if classes is not None and len(drawn.mean) > MOST_ROWS:
            raise DataError(
                f"Got {len(drawn.mean)} rows, and each has a panel of its own. Expected at most {MOST_ROWS}: choose "
                "some, such as the most uncertain ones by predict_uncertainty(X).entropy."
            )
        return cls(drawn.mean, drawn.std, classes, truth)

    @property
    def size(self) -> tuple[float, float]:
        """A line for every class in every row of panels."""
        if self.classes is None:
            return super().size
        n_rows, n_columns = len(self.mean), min(self.columns, len(self.mean))
        return 1 + 2.8 * n_columns, (1.2 + 0.24 * len(self.classes)) * -(-n_rows // n_columns)

    def _panels(self) -> Sequence[Panel]:
        if self.classes is None:
            return [self._draw_numbers]
        return [self._panel_of(row) for row in range(len(self.mean))]

    def _panel_of(self, row: int) -> Panel:
        return lambda axes: self._draw_classes(axes, row)

    def _draw_classes(self, axes: Any, row: int) -> None:
        classes = np.asarray(self.classes)
        true = np.zeros(len(classes), bool) if self.truth is None else classes == self.truth[row]
        line = np.arange(len(classes))
        colours = np.where(true, GREEN, BLUE)
        axes.barh(line, self.mean[row], xerr=self.std[row], color=colours, ecolor=INK, capsize=3)
        dress(axes, "probability", title=f"row {row}")
        axes.grid(False, axis="y")
        name_ticks(
            axes.yaxis, [f"true: {name}" if marked else name for name, marked in zip(classes, true, strict=True)]
        )
        axes.set(xlim=(0, 1.05), ylim=(len(line) - 0.4, -0.6), ylabel="class")

    def _draw_numbers(self, axes: Any) -> None:
        row, n_outputs = np.arange(len(self.mean)), self.mean.shape[1]
        for output in range(n_outputs):
            name = "mean and deviation" + (f", output {output}" if n_outputs > 1 else "")
            place = row + 0.15 * (output - (n_outputs - 1) / 2)
            colour = line_style(output)["color"]
            axes.errorbar(
                place, self.mean[:, output], self.std[:, output], fmt="o", capsize=3, color=colour, label=name
            )
        if self.truth is not None:
            axes.plot(row, self.truth, "o", color=INK, markerfacecolor="none", markersize=10, label="true value")
        axes.xaxis.get_major_locator().set_params(integer=True)
        dress(axes, "row", "prediction", legend=True)
