"""Validation curves against scikit-learn's function, and as pictures."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from sklearn.datasets import load_iris
from sklearn.model_selection import validation_curve

from lamina import MLPClassifier
from lamina.plotting import ValidationCurveDisplay

X, Y = load_iris(return_X_y=True)
SMALL = MLPClassifier((4,), learning_rate_init=0.1, max_iter=2, random_state=0)
TRAIN = np.array([[0.9, 1.0], [0.8, 0.8], [0.5, 0.5]])
TEST = np.array([[0.6, 0.7], [0.7, 0.8], [0.5, 0.5]])

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_the_sweep_of_alpha():
    alphas = [0.01, 1, 1000]
    display = ValidationCurveDisplay.from_estimator(SMALL, X, Y, param_range=alphas, cv=2)
    train, test = validation_curve(SMALL, X, Y, param_name="alpha", param_range=alphas, cv=2)
    np.testing.assert_array_equal(display.train_scores, train)
    np.testing.assert_array_equal(display.test_scores, test)
    assert (display.param_name, display.score_name) == ("alpha", "accuracy")
    assert display.best == alphas[test.mean(axis=1).argmax()]


def test_its_values_by_default(compiles):
    """Eight powers of ten; eight other values compile nothing."""
    display = ValidationCurveDisplay.from_estimator(SMALL, X, Y, cv=2)
    np.testing.assert_allclose(display.param_range, np.logspace(-5, 2, 8))
    with compiles(at_most=0):
        ValidationCurveDisplay.from_estimator(SMALL, X, Y, param_range=np.arange(8.0), cv=2)


def test_picture():
    display = ValidationCurveDisplay("alpha", [0.01, 1, 100], TRAIN, TEST, "accuracy")
    assert display.plot(Figure().subplots()) is display
    axes = display.axes_[0]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [0.95, 0.8, 0.5])
    np.testing.assert_allclose(axes.lines[1].get_ydata(), [0.65, 0.75, 0.5])
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_xscale()) == ("alpha", "accuracy", "log")
    assert [text.get_text() for text in axes.get_legend().get_texts()][-1] == "best: 1"
    assert not pyplot.get_fignums()


def test_values_in_any_order():
    axes = ValidationCurveDisplay("alpha", [100, 0.01, 1], TRAIN[[2, 0, 1]], TEST).plot(Figure().subplots()).axes_[0]
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), [0.01, 1, 100])
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [0.95, 0.8, 0.5])


def test_values_that_are_no_numbers():
    sizes = [(8,), (8, 8), (64,)]
    axes = ValidationCurveDisplay("hidden_layer_sizes", sizes, TRAIN, TEST).plot(Figure().subplots()).axes_[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["(8,)", "(8, 8)", "(64,)"]
    assert [text.get_text() for text in axes.get_legend().get_texts()][-1] == "best: (8, 8)"


def test_the_best_value_passes_over_a_training_that_failed():
    assert ValidationCurveDisplay("alpha", [1, 2, 3], TRAIN, np.array([[0.5], [np.nan], [0.6]])).best == 3
