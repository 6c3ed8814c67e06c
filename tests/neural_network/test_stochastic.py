"""The history of a training, against numbers computed by hand; early stopping on given rows."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits
from sklearn.metrics import accuracy_score, r2_score

from lamina import MLPClassifier, MLPRegressor

X, Y = load_digits(return_X_y=True)
X = X / 16.0
DIGITS = {"binary": Y > 4, "multiclass": Y, "multilabel": np.c_[Y > 4, Y % 2].astype(int)}
DIABETES, PROGRESS = load_diabetes(return_X_y=True)
DIABETES, PROGRESS = DIABETES / DIABETES.std(axis=0), PROGRESS / PROGRESS.std()
COLUMNS = ["epoch", "loss", "val_loss", "val_score", "learning_rate", "seconds"]
#: a large alpha, so that a penalty in the validation loss would show
SMALL = {"hidden_layer_sizes": (8,), "random_state": 0, "learning_rate_init": 0.02, "max_iter": 5, "alpha": 50.0}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def after_each_epoch(model, X, y, valid):
    """The network after 1, 2, ... epochs, each from a training of its own."""
    nets = [type(model)(**model.get_params() | {"max_iter": epochs}) for epochs in range(1, 6)]
    return [net.fit(X, y, validation_data=valid) for net in nets]


def log_loss(truth, probability):
    """The mean over rows of -log of the probability of what is true, summed over labels."""
    chosen = np.where(truth, probability, 1 - probability if truth.shape[1] < 10 else 1.0)
    return -np.log(chosen).sum(axis=1).mean()


@pytest.mark.parametrize("kind", DIGITS)
def test_history_of_a_classifier(kind):
    """Rows 73, 88: every epoch's validation loss by hand, without the penalty. 1e-10: sums in another order."""
    y, y_val, X_val = DIGITS[kind][:300], DIGITS[kind][300:350], X[300:350]
    model = MLPClassifier(**SMALL).fit(X[:300], y, validation_data=(X_val, y_val))
    history = model.history_
    truth = {"binary": y_val[:, None], "multiclass": np.eye(10)[Y[300:350]] > 0, "multilabel": y_val > 0}[kind]

    def by_hand(net):
        hidden = np.maximum(X_val @ net.coefs_[0] + net.intercepts_[0], 0)
        z = hidden @ net.coefs_[1] + net.intercepts_[1]
        if kind == "multiclass":
            return log_loss(truth, np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))
        return log_loss(truth, 1 / (1 + np.exp(-z)))

    assert list(history) == COLUMNS
    assert history["epoch"].tolist() == [1, 2, 3, 4, 5]
    assert history["loss"].tolist() == model.loss_curve_
    assert (history["learning_rate"] == 0.02).all()
    assert (history["seconds"] > 0).all()
    nets = after_each_epoch(model, X[:300], y, (X_val, y_val))
    expected = [by_hand(net) for net in nets]
    assert len(set(expected)) == 5
    np.testing.assert_allclose(history["val_loss"], expected, rtol=1e-10)
    scores = [accuracy_score(y_val, net.predict(X_val)) for net in nets]
    np.testing.assert_allclose(history["val_score"], scores, rtol=1e-12)


@pytest.mark.parametrize(("loss", "outputs"), [("squared_error", 2), ("poisson", 1)])
def test_history_of_a_regressor(loss, outputs):
    """Rows 73, 88: half the mean square, or half the Poisson deviance. 1e-10: sums in another order."""
    y = np.column_stack([PROGRESS, PROGRESS**2])[:, :outputs]
    y, y_val, X_val = y[:300], y[300:350], DIABETES[300:350]
    weight = np.random.RandomState(0).uniform(0.5, 2, 50)
    valid = (X_val, y_val.squeeze(), weight)
    model = MLPRegressor(loss, **SMALL).fit(DIABETES[:300], y.squeeze(), validation_data=valid)

    def by_hand(net):
        p = net.predict(X_val).reshape(50, -1)
        each = 0.5 * ((y_val - p) ** 2).mean(axis=1)
        if loss == "poisson":
            each = (y_val * np.log(y_val / p) - y_val + p).sum(axis=1)
        return (each * weight).sum() / weight.sum()

    nets = after_each_epoch(model, DIABETES[:300], y.squeeze(), valid)
    expected = [by_hand(net) for net in nets]
    assert len(set(expected)) == 5
    np.testing.assert_allclose(model.history_["val_loss"], expected, rtol=1e-10)
    scores = [r2_score(y_val, net.predict(X_val), sample_weight=weight) for net in nets]
    np.testing.assert_allclose(model.history_["val_score"], scores, rtol=1e-10)


def test_history_without_validation_rows():
    """Row 88: no number where nothing was measured, and the same training as with them."""
    alone = MLPClassifier(**SMALL).fit(X[:300], Y[:300])
    watched = MLPClassifier(**SMALL).fit(X[:300], Y[:300], validation_data=(X[300:350], Y[300:350]))
    assert np.isnan(alone.history_["val_loss"]).all()
    assert np.isnan(alone.history_["val_score"]).all()
    # another program, in which the same sums may be taken in another order
    np.testing.assert_allclose(watched.loss_curve_, alone.loss_curve_, rtol=1e-10)
    assert not np.isnan(watched.history_["val_loss"]).any()


def test_history_of_a_falling_learning_rate():
    """Row 73: the rate of each epoch's first step; invscaling divides by the root of the rows seen."""
    settings = SMALL | {"alpha": 0.0, "solver": "sgd", "learning_rate": "invscaling"}
    history = MLPClassifier(**settings).fit(X[:300], Y[:300]).history_
    expected = 0.02 / np.sqrt(np.r_[1, 300 * np.arange(1, 5) + 1])
    np.testing.assert_allclose(history["learning_rate"], expected, rtol=1e-12)


def test_history_as_tables():
    history = MLPClassifier(**SMALL).fit(X[:300], Y[:300], validation_data=(X[300:350], Y[300:350])).history_
    for table in (history.to_pandas(), history.to_polars()):
        assert list(table.columns) == COLUMNS
        assert table["epoch"].to_list() == [1, 2, 3, 4, 5]
        assert table["val_loss"].to_list() == history["val_loss"].tolist()


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_early_stopping_on_given_rows(cls):
    """Rows 85, 86: no row is held out, the score is the given rows', and the best weights are restored."""
    y = Y if cls is MLPClassifier else Y / 3.0
    settings = SMALL | {"alpha": 1e-4, "max_iter": 200, "early_stopping": True, "n_iter_no_change": 3}
    valid = (X[300:350], y[300:350])
    model = cls(**settings).fit(X[:300], y[:300], validation_data=valid)
    scores = model.history_["val_score"]
    assert model.t_ == 300 * model.n_iter_
    assert 4 <= model.n_iter_ < 200
    assert model.validation_scores_ == scores.tolist()
    assert model.best_validation_score_ == scores.max() > scores[-1]
    # 1e-10: the score is computed once inside the program and once by scikit-learn
    np.testing.assert_allclose(model.score(*valid), scores.max(), rtol=1e-10)
    assert model.stop_reason_ == model.history_.stop_reason
    assert "did not improve more than tol" in model.stop_reason_
