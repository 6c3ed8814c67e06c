"""L-BFGS: what is measured and told after each iteration."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import r2_score

from lamina import MLPClassifier, MLPRegressor
from lamina.callbacks import Callback

X, Y = load_digits(return_X_y=True)
X = X / 16.0
VALID = (X[300:350], Y[300:350])
SMALL = {"hidden_layer_sizes": (8,), "solver": "lbfgs", "max_iter": 6, "random_state": 0, "alpha": 1.0}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


class Listener(Callback):
    def __init__(self):
        self.heard = []

    def on_train_begin(self, logs=None):
        self.heard.append(self.params)

    def on_epoch_end(self, epoch, logs=None):
        self.heard.append((epoch, logs["val_loss"]))

    def on_train_end(self, logs=None):
        self.heard.append(logs["stop_reason"])


@pytest.fixture(scope="module")
def listener():
    return Listener()


@pytest.fixture(scope="module")
def fitted(listener):
    return MLPClassifier(**SMALL).fit(X[:300], Y[:300], validation_data=VALID, callbacks=[listener])


def test_validation_rows_are_measured_after_each_iteration(fitted):
    """Row 88: the last row is that of the final weights, without the penalty. 1e-10: sums in another order."""
    history = fitted.history_
    assert history["epoch"].tolist() == [1, 2, 3, 4, 5, 6]
    for name in ("loss", "val_loss", "val_score", "seconds"):
        assert np.isfinite(history[name]).all()
    probability = fitted.predict_proba(VALID[0])[np.arange(50), VALID[1]]
    np.testing.assert_allclose(history["val_loss"][-1], -np.log(probability).mean(), rtol=1e-10)
    assert len(set(history["val_loss"])) == 6
    assert history["val_score"][-1] == fitted.score(*VALID)
    assert history["loss"][-1] == fitted.loss_
    assert history.stop_reason == fitted.stop_reason_


def test_validation_rows_do_not_change_the_training(fitted):
    alone = MLPClassifier(**SMALL).fit(X[:300], Y[:300])
    np.testing.assert_array_equal(alone.coefs_[0], fitted.coefs_[0])
    assert np.isnan(alone.history_["val_loss"]).all()


def test_validation_rows_of_a_regressor():
    """Row 88, with row weights: half the weighted mean square, and R². 1e-10: sums in another order."""
    weight = np.random.RandomState(0).uniform(0.5, 2, 50)
    model = MLPRegressor(**SMALL).fit(X[:300], Y[:300], validation_data=(*VALID, weight))
    p = model.predict(VALID[0])
    history = model.history_
    np.testing.assert_allclose(
        history["val_loss"][-1], 0.5 * np.average((p - VALID[1]) ** 2, weights=weight), rtol=1e-10
    )
    np.testing.assert_allclose(history["val_score"][-1], r2_score(VALID[1], p, sample_weight=weight), rtol=1e-10)


def test_callbacks_hear_every_iteration(fitted, listener):
    """Row 140."""
    first, *epochs, last = listener.heard
    assert first == {"n_samples": 300, "epochs": 6, "n_parameters": 64 * 8 + 8 + 8 * 10 + 10}
    assert epochs == list(zip(range(6), fitted.history_["val_loss"]))
    assert last == fitted.stop_reason_


def test_warm_start_goes_on(fitted):
    """Row 100: a second fit starts from the first one's weights, and its history is appended."""
    model = MLPClassifier(**SMALL | {"max_iter": 3, "warm_start": True})
    model.fit(X[:300], Y[:300])
    before = model.loss_
    model.fit(X[:300], Y[:300])
    assert model.loss_ < before
    assert model.history_["epoch"].tolist() == [1, 2, 3, 4, 5, 6]


def test_measuring_compiles_once(fitted, compiles):
    with compiles(at_most=0):
        MLPClassifier(**SMALL | {"alpha": 3.0}).fit(X[:290], Y[:290], validation_data=(X[300:349], Y[300:349]))
