"""Curves over folds: their mean, and a band of one standard deviation."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier

from lamina.plotting.display import line_style


def draw_band(axes: Any, x: Any, values: np.ndarray, number: int, label: str, marker: str = "") -> None:
    """Draw values of shape (n_points, n_folds) in the look of line `number`."""
    mean, deviation = values.mean(axis=-1), values.std(axis=-1)
    style = line_style(number)
    axes.plot(x, mean, label=label, marker=marker, **style)
    axes.fill_between(x, mean - deviation, mean + deviation, color=style["color"], alpha=0.18, linewidth=0)


def draw_scores(axes: Any, x: Any, train_scores: np.ndarray, test_scores: np.ndarray) -> None:
    """Scores of the rows trained on and of the others."""
    draw_band(axes, x, train_scores, 0, "training rows", "o")
    draw_band(axes, x, test_scores, 1, "validation rows", "o")


def score_name(estimator: Any, scoring: Any) -> str:
    """What a score is called on an axis."""
    if scoring is None:
        return "accuracy" if is_classifier(estimator) else "R²"
    return scoring.replace("_", " ") if isinstance(scoring, str) else "score"
