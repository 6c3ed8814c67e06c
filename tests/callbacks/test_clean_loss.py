"""The training loss without noise, in both doors."""

import pickle

import numpy as np
import pytest

import lamina as keras
from lamina import MLPClassifier, MLPRegressor
from lamina.callbacks import CleanLoss, EarlyStopping, LambdaCallback
from lamina.layers import Dense, Dropout

RNG = np.random.RandomState(0)
X = RNG.randn(120, 5)
CLASSES = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5)
TARGET = X[:, 0] * X[:, 1]
WEIGHTS = RNG.uniform(0.5, 2, 120)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_of_a_model_is_what_evaluate_gives():
    """Row 90: with the metrics, for later callbacks and the history; dropout makes the usual loss larger."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([Dense(16, "relu", input_shape=(5,)), Dropout(0.5), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    seen, by_hand = [], []

    def after(epoch, logs):
        p = model.predict(X, verbose=0)[np.arange(len(X)), CLASSES]
        by_hand.append(np.mean(-np.log(p)))
        seen.append(logs["clean_loss"])

    h = model.fit(
        X, CLASSES, epochs=4, verbose=0, callbacks=[CleanLoss(X, CLASSES), LambdaCallback(on_epoch_end=after)]
    ).history
    assert h["clean_loss"] == seen
    np.testing.assert_allclose(seen, by_hand, rtol=1e-5)  # float32
    assert [h["clean_loss"][-1], h["clean_accuracy"][-1]] == model.evaluate(X, CLASSES)
    assert all(clean < noisy for clean, noisy in zip(h["clean_loss"], h["loss"], strict=True))


def test_of_an_estimator_by_hand():
    """Row 90: weighted, without the penalty, by the weights of each epoch; an earlier fit has none. 1e-10: float64."""
    settings = {"max_iter": 3, "dropout": 0.5, "alpha": 1.0, "random_state": 0, "warm_start": True}
    net = MLPRegressor(hidden_layer_sizes=(8,), **settings).fit(X, TARGET)
    by_hand = []

    def after(epoch, logs):
        errors = (net.predict(X) - TARGET) ** 2 / 2
        by_hand.append(np.average(errors, weights=WEIGHTS))

    net.fit(X, TARGET, callbacks=[CleanLoss(X, TARGET, WEIGHTS), LambdaCallback(on_epoch_end=after)])
    column = net.history_["clean_loss"]
    assert np.isnan(column[:3]).all()
    np.testing.assert_allclose(column[3:], by_hand, rtol=1e-10)
    assert len(set(by_hand)) == 3
    assert net.evaluate(X, TARGET, WEIGHTS) == [column[-1], net.history_["clean_score"][-1]]
    np.testing.assert_allclose(net.history_["clean_score"][-1], net.score(X, TARGET, WEIGHTS), rtol=1e-10)
    again = pickle.loads(pickle.dumps(net)).history_
    np.testing.assert_array_equal(again["clean_loss"], column)


def test_changes_nothing_in_the_training_and_may_stop_it():
    settings = {"max_iter": 6, "dropout": 0.3, "random_state": 0}
    plain = MLPClassifier((8,), **settings).fit(X, CLASSES)
    clean = CleanLoss(X, CLASSES)
    watched = MLPClassifier((8,), **settings).fit(X, CLASSES, callbacks=[clean])
    np.testing.assert_array_equal(watched.history_["loss"], plain.history_["loss"])
    np.testing.assert_array_equal(watched.coefs_[0], plain.coefs_[0])
    stopping = EarlyStopping("clean_loss", min_delta=1e9, patience=2)
    stopped = MLPClassifier((8,), **settings).fit(X, CLASSES, callbacks=[clean, stopping])
    assert stopped.n_iter_ == 3


def test_lbfgs_too():
    net = MLPClassifier((4,), solver="lbfgs", alpha=0.0, max_iter=5, random_state=0)
    net.fit(X, CLASSES, callbacks=[CleanLoss(X, CLASSES)])
    np.testing.assert_allclose(net.history_["clean_loss"], net.history_["loss"], rtol=1e-10)  # nothing is noisy here
    with pytest.raises(ValueError, match=r"evaluate: X has 2 features"):
        net.evaluate(X[:, :2], CLASSES)
