"""Epoch curves over folds against trainings by hand."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lamina import MLPClassifier, MLPRegressor
from lamina.callbacks import History
from lamina.errors import DataError, InvalidParameter
from lamina.plotting import EpochCurveDisplay

X, Y = load_iris(return_X_y=True)
NET = MLPClassifier((4,), learning_rate_init=0.1, max_iter=4, random_state=0)
LONG = {"loss": [4.0, 2.0, 1.0], "val_loss": [5.0, 4.0, 4.5], "val_score": [0.1, 0.2, 0.3]}
SHORT = {"loss": [3.0, 1.0], "val_loss": [4.0, 1.0], "val_score": [0.5, 0.6]}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("scaled", [False, True])
def test_folds_by_hand(scaled):
    """Scalers of a pipeline see the training rows of the fold alone."""
    estimator = make_pipeline(StandardScaler(), NET) if scaled else NET
    display = EpochCurveDisplay.from_estimator(estimator, X, Y, cv=3)
    assert display.loss.shape == (4, 3)
    for number, (train, test) in enumerate(StratifiedKFold(3).split(X, Y)):
        mean, deviation = (X[train].mean(axis=0), X[train].std(axis=0)) if scaled else (0, 1)
        rows, others = (X[train] - mean) / deviation, (X[test] - mean) / deviation
        history = clone(NET).fit(rows, Y[train], validation_data=(others, Y[test])).history_
        for name in ("loss", "val_loss", "val_score"):
            # a sum in another order changes the last bits
            np.testing.assert_allclose(getattr(display, name)[:, number], history[name], rtol=1e-9)


def test_tables_and_regressions():
    frame = pd.DataFrame(X, columns=list("abcd"))
    reg = MLPRegressor(hidden_layer_sizes=(4,), max_iter=2, random_state=0)
    display = EpochCurveDisplay.from_estimator(reg, frame, frame["a"], cv=2)
    assert display.val_loss.shape == (2, 2)
    assert np.isfinite(display.val_loss).all()


def test_folds_that_stopped_stay_where_they_are():
    display = EpochCurveDisplay.from_histories([LONG, SHORT])
    np.testing.assert_array_equal(display.loss, [[4, 3], [2, 1], [1, 1]])
    np.testing.assert_array_equal(display.val_score[-1], [0.3, 0.6])
    assert display.epoch.tolist() == [1, 2, 3]
    assert display.best_epoch == 2  # mean validation losses of 4.5, 2.5, 2.75


def test_picture():
    display = EpochCurveDisplay.from_histories([LONG, SHORT])
    assert display.plot(Figure().subplots(2, 1)) is display
    losses, score = display.axes_
    np.testing.assert_array_equal(losses.lines[0].get_ydata(), [3.5, 1.5, 1])
    np.testing.assert_array_equal(losses.lines[1].get_ydata(), [4.5, 2.5, 2.75])
    np.testing.assert_allclose(score.lines[0].get_ydata(), [0.3, 0.4, 0.45])
    assert (losses.get_ylabel(), score.get_ylabel(), score.get_xlabel()) == ("loss", "validation score", "epoch")
    assert [text.get_text() for text in score.get_legend().get_texts()][-1] == "lowest validation loss: epoch 2"
    assert not pyplot.get_fignums()


def test_without_scores_one_panel():
    display = EpochCurveDisplay.from_histories([LONG | {"val_score": [np.nan] * 3}])
    assert display.val_score is None
    assert display.to_png(dpi=30).startswith(b"\x89PNG")


def test_histories_of_the_keras_door():
    first, second = History(), History()
    for history in (first, second):
        history.on_train_begin()
        for epoch in range(2):
            history.on_epoch_end(epoch, {"loss": 2.0 - epoch, "val_loss": 3.0 - epoch, "val_accuracy": 0.5 + epoch / 4})
    display = EpochCurveDisplay.from_histories([first, second])
    np.testing.assert_array_equal(display.val_score, [[0.5, 0.5], [0.75, 0.75]])
    with pytest.raises(DataError, match="without validation losses"):
        EpochCurveDisplay.from_histories([first, {"loss": [1.0]}])


def test_other_estimators_have_no_epochs():
    with pytest.raises(InvalidParameter, match="LogisticRegression, which notes no losses"):
        EpochCurveDisplay.from_estimator(make_pipeline(LogisticRegression()), X, Y)


def test_no_epochs():
    with pytest.raises(DataError, match="n_epochs, n_folds"):
        EpochCurveDisplay([], [])
