"""Scores over the values of a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, Self

import numpy as np

from lamina.plotting.band import draw_scores, score_name
from lamina.plotting.display import GREY, Display, Panel, dress
from lamina.plotting.estimators import check_estimator
from lamina.plotting.ticks import name_ticks, scale_for
from lamina.search import validation_curve

#: from a penalty that is not felt to one that leaves nothing of the weights
ALPHAS = tuple(float(f"1e{exponent}") for exponent in range(-5, 3))


class ValidationCurveDisplay(Display):
    """Cross-validated scores over one parameter: means over the folds, with bands of one standard deviation.

    Left of the best value of `alpha` the curves part, which is overfitting; right of it both fall, which is
    underfitting.

    Parameters
    ----------
    param_name : str
        The parameter.
    param_range : sequence of length n_values
        Its values: numbers, or anything else, such as names or tuples of widths.
    train_scores, test_scores : array of shape (n_values, n_folds)
        Scores of the rows that a fold was trained on and of the others.
    score_name : str, default="score"
        What the scores are.

    Attributes
    ----------
    best : object
        The value with the highest mean of `test_scores`.
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier((8,), learning_rate_init=0.1, tol=10, random_state=0)  # stops soon
    >>> display = ValidationCurveDisplay.from_estimator(clf, X, y, param_range=[0.01, 1, 1000], cv=3)
    >>> display.param_name, display.test_scores.shape, display.best < 1000
    ('alpha', (3, 3), True)
    """

    def __init__(
        self, param_name: str, param_range: Any, train_scores: Any, test_scores: Any, score_name: str = "score"
    ) -> None:
        self.param_name, self.param_range, self.score_name = param_name, list(param_range), score_name
        self.train_scores, self.test_scores = np.asarray(train_scores), np.asarray(test_scores)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        param_name: str = "alpha",
        param_range: Sequence[Any] = ALPHAS,
        cv: Any = None,
        scoring: Any = None,
        n_jobs: int | None = None,
    ) -> Self:
        """Train on every fold with every value, all together.

        By default a sweep of the penalty `alpha`.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor or any estimator
            Copies of it are trained; of a pipeline, `param_name` is such as "mlpclassifier__alpha".
        X, y : array-like
            The rows.
        param_name : str, default="alpha"
            The parameter.
        param_range : sequence, default=(1e-5, 1e-4, ..., 100)
            The values to try.
        cv, scoring, n_jobs
            As in :func:`lamina.search.validation_curve`: five folds, the estimator's own score, one process.

        Returns
        -------
        ValidationCurveDisplay

        Raises
        ------
        InvalidParameter
            If it is no estimator, such as a Sequential.
        """
        check_estimator(
            cls,
            estimator,
            "Of a Sequential, train a copy of its own for each part (lamina.models.clone_model) "
            "and give the scores to ValidationCurveDisplay(param_name, param_range, train_scores, test_scores).",
        )
        train, test = validation_curve(
            estimator, X, y, param_name=param_name, param_range=param_range, cv=cv, scoring=scoring, n_jobs=n_jobs
        )
        return cls(param_name, param_range, train, test, score_name(estimator, scoring))

    @property
    def best(self) -> Any:
        """The value with the highest mean score of rows not trained on."""
        return self.param_range[int(np.nanargmax(self.test_scores.mean(axis=1)))]

    def _panels(self) -> Sequence[Panel]:
        return [self._draw_curves]

    def _draw_curves(self, axes: Any) -> None:
        numeric = all(isinstance(value, Real) and not isinstance(value, bool) for value in self.param_range)
        x = np.asarray(self.param_range, dtype=float) if numeric else np.arange(len(self.param_range))
        order = np.argsort(x, kind="stable")
        draw_scores(axes, x[order], self.train_scores[order], self.test_scores[order])
        place = x[self.param_range.index(self.best)]
        name = f"best: {self.best:.3g}" if numeric else f"best: {self.best}"
        axes.axvline(place, color=GREY, linestyle=":", linewidth=1.3, label=name)
        if numeric:
            axes.set_xscale(**scale_for(x))
        else:
            name_ticks(axes.xaxis, self.param_range)
        dress(axes, self.param_name, self.score_name, legend=True)
