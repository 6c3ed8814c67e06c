"""Epoch curves against trainings of every length."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.model_selection import validation_curve as sklearn_validation_curve
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lamina import MLPClassifier, MLPRegressor
from lamina.errors import InvalidParameter
from lamina.search import EpochCurve, epoch_curve

X, Y = load_iris(return_X_y=True)
NET = MLPClassifier((4,), learning_rate_init=0.1, max_iter=4, random_state=0)
NAN = np.nan
#: two folds, of which the second stopped after two epochs
UNEVEN = EpochCurve(
    loss=np.array([[4, 2, 1], [3, 1, NAN]]),
    val_loss=np.array([[5, 4, 4.5], [4, 1, NAN]]),
    score=np.array([[0.1, 0.2, 0.3], [0.2, 0.3, NAN]]),
    val_score=np.array([[0.1, 0.2, 0.3], [0.5, 0.6, NAN]]),
    n_epochs=np.array([3, 2]),
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("scaled", [False, True])
def test_scores_are_those_of_trainings_of_every_length(scaled):
    """Row 143: from one training per fold what scikit-learn's validation curve trains anew for every `max_iter`."""
    estimator = make_pipeline(StandardScaler(), NET) if scaled else NET
    name = "mlpclassifier__max_iter" if scaled else "max_iter"
    curve = epoch_curve(estimator, X, Y, cv=3, scoring="neg_log_loss")
    train, test = sklearn_validation_curve(
        estimator, X, Y, param_name=name, param_range=[1, 2, 3, 4], cv=3, scoring="neg_log_loss"
    )
    # a sum in another order changes the last bits
    np.testing.assert_allclose(curve.score.T, train, rtol=1e-9)
    np.testing.assert_allclose(curve.val_score.T, test, rtol=1e-9)


def test_losses_are_those_of_the_histories():
    """Scalers see the training rows of their fold alone."""
    curve = epoch_curve(make_pipeline(StandardScaler(), NET), X, Y, cv=2)
    for number, (train, test) in enumerate(StratifiedKFold(2).split(X, Y)):
        mean, deviation = X[train].mean(axis=0), X[train].std(axis=0)
        rows, others = (X[train] - mean) / deviation, (X[test] - mean) / deviation
        history = clone(NET).fit(rows, Y[train], validation_data=(others, Y[test])).history_
        np.testing.assert_allclose(curve.loss[number], history["loss"], rtol=1e-9)
        np.testing.assert_allclose(curve.val_loss[number], history["val_loss"], rtol=1e-9)
        np.testing.assert_allclose(curve.val_score[number], history["val_score"], rtol=1e-9)


def test_a_fold_that_stopped_earlier():
    others = np.arange(1, 150, 2)
    splits = [(np.arange(0, 150, 2), others), (np.r_[0:3, 50:53, 100:103], others)]
    net = clone(NET).set_params(max_iter=12, batch_size=9, tol=0.2, n_iter_no_change=2)
    curve = epoch_curve(net, X, Y, cv=splits)
    lengths = [clone(net).fit(X[train], Y[train]).n_iter_ for train, _ in splits]
    assert lengths[0] != lengths[1]
    assert curve.n_epochs.tolist() == lengths
    assert curve.epoch[-1] == max(lengths)
    for name in ("loss", "val_loss", "score", "val_score"):
        for row, length in zip(getattr(curve, name), lengths):
            assert np.isfinite(row[:length]).all()
            assert np.isnan(row[length:]).all()


def test_means_and_deviations():
    np.testing.assert_array_equal(UNEVEN.carried("loss"), [[4, 2, 1], [3, 1, 1]])
    np.testing.assert_array_equal(UNEVEN.mean()["loss"], [3.5, 1.5, 1])
    np.testing.assert_allclose(UNEVEN.std()["val_score"], [0.2, 0.2, 0.15])
    np.testing.assert_array_equal(UNEVEN.epoch, [1, 2, 3])
    assert UNEVEN.best_epoch == 2  # mean validation losses of 4.5, 2.5, 2.75


def test_tables_groups_weights_and_regressions():
    frame = pd.DataFrame(X, columns=list("abcd"))
    reg = MLPRegressor(hidden_layer_sizes=(4,), max_iter=2, random_state=0)
    groups, weights = np.arange(150) % 4, np.linspace(1, 2, 150)
    curve = epoch_curve(reg, frame, Y, groups=groups, cv=GroupKFold(2), params={"sample_weight": weights})
    train, test = next(GroupKFold(2).split(X, Y, groups))
    alone = clone(reg).fit(frame.iloc[train], Y[train], weights[train])
    assert curve.val_score[0, -1] == pytest.approx(alone.score(frame.iloc[test], Y[test]), rel=1e-9)
    assert curve.loss[0, -1] == pytest.approx(alone.loss_, rel=1e-9)


def test_a_fold_that_diverges():
    reg = MLPRegressor(hidden_layer_sizes=(4,), solver="sgd", learning_rate_init=1e6, random_state=0)
    with pytest.warns(FitFailedWarning, match=r"Fold 0: .*Training diverged in epoch 2"):
        curve = epoch_curve(reg, X, Y, cv=[(np.arange(0, 150, 2), np.arange(1, 150, 2))])
    assert np.isfinite(curve.val_score[0, 0])
    assert np.isnan(curve.val_score[0, 1])


def test_bad_input():
    broken = np.where(X > 7.8, np.nan, X)
    with pytest.raises(ValueError, match="NaN in column 0"):
        epoch_curve(NET, broken, Y, cv=2)
    with pytest.raises(InvalidParameter, match=r"received LogisticRegression.*validation_curve"):
        epoch_curve(LogisticRegression(), X, Y)
    with pytest.raises(InvalidParameter, match=r"params \['coefs_init'\]"):
        epoch_curve(NET, X, Y, params={"coefs_init": []})
    with pytest.raises(InvalidParameter, match=r"params \['validation_data'\]"):
        epoch_curve(NET, X, Y, params={"validation_data": (X, Y)})
    with pytest.raises(InvalidParameter, match="received TransformedTargetRegressor"):
        epoch_curve(TransformedTargetRegressor(MLPRegressor()), X, Y)
    with pytest.raises(InvalidParameter, match=r"lbfgs.* cannot be paused"):
        epoch_curve(clone(NET).set_params(solver="lbfgs"), X, Y)
    with pytest.raises(ValueError, match="acuracy"):
        epoch_curve(NET, X, Y, scoring="acuracy")
    with pytest.raises(InvalidParameter, match=r"one score.*\['accuracy', 'f1_macro'\]"):
        epoch_curve(NET, X, Y, scoring=["accuracy", "f1_macro"])
    with pytest.raises(InvalidParameter, match="no splits"):
        epoch_curve(NET, X, Y, cv=[])
