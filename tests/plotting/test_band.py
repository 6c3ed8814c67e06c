"""Curves over folds."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.pipeline import make_pipeline

from lamina import MLPClassifier, MLPRegressor
from lamina.plotting.band import draw_band, draw_scores, score_name

VALUES = np.array([[1.0, 3.0], [2.0, 6.0], [5.0, 5.0]])


def test_the_mean_and_a_deviation_on_both_sides():
    axes = Figure().subplots()
    draw_band(axes, [1, 2, 3], VALUES, 0, "loss")
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [2, 4, 5])
    edge = axes.collections[0].get_paths()[0].vertices
    assert {tuple(point) for point in edge} >= {(1, 1), (1, 3), (2, 2), (2, 6), (3, 5)}


def test_scores_differ_in_more_than_their_colours():
    axes = Figure().subplots()
    draw_scores(axes, [1, 2, 3], VALUES, VALUES / 2)
    train, test = axes.lines
    assert (train.get_label(), test.get_label()) == ("training rows", "validation rows")
    assert train.get_linestyle() != test.get_linestyle()


@pytest.mark.parametrize(
    ("estimator", "scoring", "name"),
    [
        (MLPClassifier(), None, "accuracy"),
        (make_pipeline(MLPRegressor()), None, "R²"),
        (MLPClassifier(), "neg_log_loss", "neg log loss"),
        (MLPClassifier(), len, "score"),
    ],
)
def test_names_of_scores(estimator, scoring, name):
    assert score_name(estimator, scoring) == name
