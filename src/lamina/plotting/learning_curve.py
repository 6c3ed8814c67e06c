"""Scores over the number of training rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from lamina.plotting.band import draw_scores, score_name
from lamina.plotting.display import Display, Panel, dress
from lamina.plotting.estimators import check_estimator
from lamina.plotting.ticks import scale_for
from lamina.search import learning_curve


class LearningCurveDisplay(Display):
    """Cross-validated scores over the number of training rows: would more of them help?

    A validation curve that still rises at its right end says yes; two curves that have met say no.

    Parameters
    ----------
    train_sizes : array of shape (n_sizes,)
        Numbers of rows.
    train_scores, test_scores : array of shape (n_sizes, n_folds)
        Scores of the rows that a fold was trained on and of the others.
    score_name : str, default="score"
        What the scores are.

    Attributes
    ----------
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
    >>> display = LearningCurveDisplay.from_estimator(clf, X, y, train_sizes=[20, 50, 100], cv=3)
    >>> display.train_sizes.tolist(), display.test_scores.shape
    ([20, 50, 100], (3, 3))
    """

    def __init__(self, train_sizes: Any, train_scores: Any, test_scores: Any, score_name: str = "score") -> None:
        self.train_sizes, self.score_name = np.asarray(train_sizes), score_name
        self.train_scores, self.test_scores = np.asarray(train_scores), np.asarray(test_scores)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        train_sizes: Any = (0.1, 0.325, 0.55, 0.775, 1.0),
        cv: Any = None,
        scoring: Any = None,
        random_state: Any = 0,
        n_jobs: int | None = None,
    ) -> Self:
        """Train on parts of every fold, all together.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor or any estimator
            Copies of it are trained.
        X, y : array-like
            The rows.
        train_sizes : sequence of int or float, default=(0.1, 0.325, 0.55, 0.775, 1.0)
            Numbers of rows, or shares of those of a fold.
        cv, scoring, n_jobs
            As in :func:`lamina.search.learning_curve`: five folds, the estimator's own score, one process.
        random_state : int, RandomState or None, default=0
            Of the order from which the rows are taken: tables are often sorted.

        Returns
        -------
        LearningCurveDisplay

        Raises
        ------
        InvalidParameter
            If it is no estimator, such as a Sequential.
        """
        check_estimator(
            cls,
            estimator,
            "Of a Sequential, train a copy of its own for each part (lamina.models.clone_model) "
            "and give the scores to LearningCurveDisplay(train_sizes, train_scores, test_scores).",
        )
        sizes, train, test = learning_curve(
            estimator,
            X,
            y,
            train_sizes=np.asarray(train_sizes),
            cv=cv,
            scoring=scoring,
            shuffle=True,
            random_state=random_state,
            n_jobs=n_jobs,
        )
        return cls(sizes, train, test, score_name(estimator, scoring))

    def _panels(self) -> Sequence[Panel]:
        return [self._draw_curves]

    def _draw_curves(self, axes: Any) -> None:
        draw_scores(axes, self.train_sizes, self.train_scores, self.test_scores)
        axes.set_xscale(**scale_for(self.train_sizes))
        dress(axes, "training rows", self.score_name, legend=True)
