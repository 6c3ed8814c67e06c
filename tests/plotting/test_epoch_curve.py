"""Epoch curves as pictures; their numbers are tested with `lamina.search`."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from sklearn.datasets import load_iris

from lamina import MLPClassifier
from lamina.plotting import EpochCurveDisplay
from lamina.search import EpochCurve, epoch_curve

X, Y = load_iris(return_X_y=True)
NET = MLPClassifier((4,), learning_rate_init=0.1, max_iter=2, random_state=0)
#: two folds, of which the second stopped after two epochs
UNEVEN = EpochCurve(
    loss=np.array([[4, 2, 1], [3, 1, np.nan]]),
    val_loss=np.array([[5, 4, 4.5], [4, 1, np.nan]]),
    score=np.array([[0.1, 0.2, 0.3], [0.2, 0.3, np.nan]]),
    val_score=np.array([[0.1, 0.2, 0.3], [0.5, 0.6, np.nan]]),
    n_epochs=np.array([3, 2]),
)


def test_it_is_the_curve():
    display = EpochCurveDisplay.from_estimator(NET, X, Y, cv=2, scoring="neg_log_loss")
    curve = epoch_curve(NET, X, Y, cv=2, scoring="neg_log_loss")
    np.testing.assert_array_equal(display.curve.val_score, curve.val_score)
    assert (display.score_name, display.best_epoch) == ("neg log loss", curve.best_epoch)


def test_picture():
    display = EpochCurveDisplay(UNEVEN, "accuracy")
    assert display.plot(Figure().subplots(2, 1)) is display
    losses, scores = display.axes_
    np.testing.assert_array_equal(losses.lines[0].get_ydata(), [3.5, 1.5, 1])
    np.testing.assert_array_equal(losses.lines[1].get_ydata(), [4.5, 2.5, 2.75])
    np.testing.assert_allclose(scores.lines[0].get_ydata(), [0.15, 0.25, 0.3])
    np.testing.assert_allclose(scores.lines[1].get_ydata(), [0.3, 0.4, 0.45])
    assert (losses.get_ylabel(), scores.get_ylabel(), scores.get_xlabel()) == ("loss", "accuracy", "epoch")
    assert [text.get_text() for text in scores.get_legend().get_texts()][-1] == "lowest validation loss: epoch 2"
    assert not pyplot.get_fignums()


@pytest.mark.parametrize(("factor", "scale"), [(1, "linear"), (0.01, "log")])
def test_losses_that_fall_far(factor, scale):
    falling = EpochCurve(UNEVEN.loss * [1, 1, factor], UNEVEN.val_loss, UNEVEN.score, UNEVEN.val_score, UNEVEN.n_epochs)
    assert EpochCurveDisplay(falling).plot(Figure().subplots(2, 1)).axes_[0].get_yscale() == scale
