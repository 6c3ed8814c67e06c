"""Learning curves against scikit-learn's function, and as pictures."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from sklearn.datasets import load_iris
from sklearn.model_selection import learning_curve

from lamina import MLPClassifier
from lamina.plotting import LearningCurveDisplay

X, Y = load_iris(return_X_y=True)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_numbers():
    clf = MLPClassifier((4,), max_iter=1, random_state=0)
    options = {"train_sizes": [30, 32], "cv": 2, "random_state": 0}
    display = LearningCurveDisplay.from_estimator(clf, X, Y, scoring="neg_log_loss", **options)
    sizes, train, test = learning_curve(clf, X, Y, scoring="neg_log_loss", shuffle=True, **options)
    np.testing.assert_array_equal(display.train_sizes, sizes)
    np.testing.assert_array_equal(display.train_scores, train)
    np.testing.assert_array_equal(display.test_scores, test)
    assert display.score_name == "neg log loss"


@pytest.mark.parametrize(("sizes", "scale"), [([100, 200, 300], "linear"), ([100, 1000, 10000], "log")])
def test_picture(sizes, scale):
    train, test = np.array([[1, 1], [0.9, 1], [0.8, 0.9]]), np.array([[0.5, 0.7], [0.6, 0.8], [0.7, 0.9]])
    display = LearningCurveDisplay(sizes, train, test, "accuracy")
    assert display.plot(Figure().subplots()) is display
    axes = display.axes_[0]
    np.testing.assert_array_equal(axes.lines[1].get_xdata(), sizes)
    np.testing.assert_allclose(axes.lines[1].get_ydata(), [0.6, 0.7, 0.8])
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_xscale()) == ("training rows", "accuracy", scale)
    assert not pyplot.get_fignums()
