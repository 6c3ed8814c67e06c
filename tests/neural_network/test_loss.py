"""An estimator's own loss: against scikit-learn's metrics, Keras' losses and numbers by hand, with every solver."""

import os

import jax.numpy as jnp
import numpy as np
import pytest
from sklearn import metrics
from sklearn.datasets import load_digits

import lamina
from lamina import MLPClassifier, MLPRegressor, losses
from lamina.errors import DataError, InvalidParameter, UnknownName

RNG = np.random.RandomState(0)
X = RNG.randn(120, 3)
Y = np.exp(X[:, 0]) + X[:, 1] ** 2
VALID = (X[80:], Y[80:], RNG.uniform(0.5, 2, 40))
PIXELS, DIGIT = load_digits(return_X_y=True)
PIXELS, THREE, TWO = PIXELS[:150] / 16, DIGIT[:150] % 3, DIGIT[:150] % 2
SMALL = {"hidden_layer_sizes": (5,), "random_state": 0, "learning_rate_init": 0.02, "max_iter": 3, "batch_size": 40}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def huber(y, p, delta):
    error = np.abs(y - p)
    return np.where(error <= delta, error**2 / 2, delta * error - delta**2 / 2)


def pinball(y, p, weight):
    return metrics.mean_pinball_loss(y, p, sample_weight=weight, alpha=0.9)


#: each loss, and its weighted mean by others
REGRESSION = [
    ("absolute_error", lambda y, p, w: metrics.mean_absolute_error(y, p, sample_weight=w)),
    ("mse", lambda y, p, w: metrics.mean_squared_error(y, p, sample_weight=w)),
    (losses.Huber(0.3), lambda y, p, w: np.average(huber(y, p, 0.3), weights=w)),
    ("log_cosh", lambda y, p, w: np.average(np.log(np.cosh(y - p)), weights=w)),
    (losses.Quantile(0.9), pinball),
    (losses.Poisson(), lambda y, p, w: np.average(p - y * np.log(p + 1e-7), weights=w)),
]


# -- regressors -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("loss", "expected"), REGRESSION, ids=lambda value: repr(value)[:24])
def test_the_loss_of_a_regressor(loss, expected):
    """Row 138: the history's validation loss is that of `predict`. 1e-10: sums in another order."""
    model = MLPRegressor(loss, **SMALL).fit(X[:80], Y[:80], validation_data=VALID)
    p = model.predict(VALID[0])
    np.testing.assert_allclose(model.history_["val_loss"][-1], expected(VALID[1], p, VALID[2]), rtol=1e-10)
    assert model.loss_curve_[-1] < model.loss_curve_[0]
    assert model.out_activation_ == ("exp" if loss == losses.Poisson() else "identity")


@pytest.mark.parametrize("mean", [False, True], ids=["a value per row", "their mean"])
def test_a_function_is_a_loss(mean):
    """Row 138: half the mean square, written by a user, trains as the built-in does, row weights and all.

    1e-10: the derivative is automatic here and a formula there.
    """

    def own(y_true, y_pred):
        values = (y_true - y_pred) ** 2 / 2
        return values.mean() if mean else values

    weight = RNG.uniform(0.5, 2, 120)
    settings = SMALL | {"early_stopping": True}
    ours = MLPRegressor(own, **settings).fit(X, Y, weight)
    named = MLPRegressor("squared_error", **settings).fit(X, Y, weight)
    np.testing.assert_allclose(ours.loss_curve_, named.loss_curve_, rtol=1e-10)
    np.testing.assert_allclose(ours.validation_scores_, named.validation_scores_, rtol=1e-10)


def test_quantiles_by_lbfgs():
    """Row 138: with lbfgs, and without hidden layers worth the name: the share of targets below the prediction."""
    settings = {"hidden_layer_sizes": (4,), "solver": "lbfgs", "random_state": 0, "alpha": 0.0, "max_iter": 300}
    model = MLPRegressor(losses.Quantile(0.9), **settings).fit(X, Y, validation_data=(X, Y))
    below = np.mean(model.predict(X) >= Y)
    assert 0.85 <= below <= 0.95
    np.testing.assert_allclose(model.history_["val_loss"][-1], pinball(Y, model.predict(X), None), rtol=1e-10)


# -- classifiers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("y", [THREE, TWO], ids=["three classes", "two classes"])
def test_a_function_is_a_loss_of_probabilities(y):
    """Row 138: log-loss, written by a user, trains as the built-in does, class weights and all. 1e-9: as above."""

    def own(y_true, p):
        each = -y_true * jnp.log(p)
        return jnp.sum(each if p.shape[1] > 1 else each - (1 - y_true) * jnp.log(1 - p), axis=1)

    settings = SMALL | {"class_weight": "balanced"}
    ours = MLPClassifier(**settings, loss=own).fit(PIXELS, y)
    named = MLPClassifier(**settings).fit(PIXELS, y)
    np.testing.assert_allclose(ours.loss_curve_, named.loss_curve_, rtol=1e-9)
    np.testing.assert_allclose(ours.predict_proba(PIXELS), named.predict_proba(PIXELS), rtol=1e-7)
    np.testing.assert_allclose(ours.predict_proba(PIXELS).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("name", "y"),
    [("CategoricalFocalCrossentropy", THREE), ("BinaryFocalCrossentropy", TWO), ("MeanSquaredError", THREE)],
)
def test_the_loss_of_a_classifier_equals_keras(name, y):
    """float32 in Keras: 2e-6."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras")
    model = MLPClassifier(**SMALL, loss=getattr(losses, name)()).fit(PIXELS, y, validation_data=(PIXELS, y))
    p = model.predict_proba(PIXELS)
    truth, outputs = (np.eye(3)[y], p) if y is THREE else (y[:, None], p[:, 1:])
    expected = float(getattr(keras.losses, name)()(truth, outputs))
    np.testing.assert_allclose(model.history_["val_loss"][-1], expected, rtol=2e-6)
    named = losses.get(name)
    assert model.loss == named


def test_hinge_is_a_loss_of_margins():
    """Predictions are the margin's sign; scikit-learn's hinge loss of the same margins."""
    model = MLPClassifier(**SMALL, loss="hinge").fit(PIXELS, TWO, validation_data=(PIXELS, TWO))
    p = model.predict_proba(PIXELS)[:, 1]
    margins = np.log(p / (1 - p))
    np.testing.assert_allclose(model.history_["val_loss"][-1], metrics.hinge_loss(TWO, margins), rtol=1e-9)
    np.testing.assert_array_equal(model.predict(PIXELS), margins > 0)


# -- label smoothing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("y", [THREE, TWO], ids=["three classes", "two classes"])
def test_label_smoothing_equals_keras(y):
    """Row 91: the validation loss is Keras' of the same probabilities. float32 in Keras: 1e-6."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras")
    model = MLPClassifier(**SMALL, label_smoothing=0.2).fit(PIXELS, y, validation_data=(PIXELS, y))
    p = model.predict_proba(PIXELS)
    if y is THREE:
        expected = keras.losses.CategoricalCrossentropy(label_smoothing=0.2)(np.eye(3)[y], p)
    else:
        expected = keras.losses.BinaryCrossentropy(label_smoothing=0.2)(y[:, None], p[:, 1:])
    np.testing.assert_allclose(model.history_["val_loss"][-1], float(expected), rtol=1e-6)
    assert model.history_["val_score"][-1] == model.score(PIXELS, y)


def test_label_smoothing_by_hand():
    """Row 91: one step on all rows moves the last biases by minus the rate times the mean of p - smoothed y."""
    step = SMALL | {"solver": "sgd", "momentum": 0.0, "max_iter": 1, "batch_size": 150, "label_smoothing": 0.3}
    start = MLPClassifier(**step | {"learning_rate_init": 1e-300}).fit(PIXELS, THREE)
    moved = MLPClassifier(**step).fit(PIXELS, THREE)
    smoothed = np.where(np.eye(3)[THREE] == 1, 0.8, 0.1)
    expected = start.intercepts_[-1] - 0.02 * (start.predict_proba(PIXELS) - smoothed).mean(axis=0)
    np.testing.assert_allclose(moved.intercepts_[-1], expected, rtol=1e-10)


# -- around it ------------------------------------------------------------------------------------------------------


def test_numbers_of_losses_compile_nothing(compiles):
    """Rows 91, 138."""
    MLPClassifier(**SMALL, label_smoothing=0.1).fit(PIXELS, THREE)
    MLPRegressor(losses.Huber(), **SMALL).fit(X, Y)
    with compiles(at_most=0):
        MLPClassifier(**SMALL, label_smoothing=0.4).fit(PIXELS, THREE)
        MLPRegressor(losses.Huber(0.1), **SMALL).fit(X, Y)


def test_kept_in_a_file(tmp_path):
    model = MLPClassifier(**SMALL, loss=losses.BinaryFocalCrossentropy(gamma=1.0), label_smoothing=0.1).fit(PIXELS, TWO)
    model.save(tmp_path / "model.lamina")
    back = lamina.load(tmp_path / "model.lamina")
    assert back.loss == model.loss
    assert back.label_smoothing == 0.1
    np.testing.assert_array_equal(back.predict_proba(PIXELS), model.predict_proba(PIXELS))
    model.set_params(loss=lambda y, p: (y - p) ** 2)
    with pytest.raises(InvalidParameter, match="is a function, and a model file"):
        model.save(tmp_path / "model.lamina")


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (MLPClassifier(loss="hing"), UnknownName, 'Unknown MLPClassifier loss "hing". Did you mean "hinge"'),
        (MLPClassifier(loss=3), InvalidParameter, "a function of targets and predictions. Received loss=3"),
        (MLPClassifier(loss=losses.SparseCategoricalCrossentropy()), InvalidParameter, 'Use "log_loss"'),
        (MLPClassifier(loss="categorical_crossentropy"), InvalidParameter, "two classes share one output"),
        (MLPClassifier(loss=losses.BinaryCrossentropy(True)), InvalidParameter, "Leave from_logits out"),
        (MLPClassifier(loss=losses.LossFunction(losses.mse, "exp")), InvalidParameter, 'brings the link "exp"'),
        (MLPClassifier(loss="hinge", label_smoothing=0.1), InvalidParameter, "Leave label_smoothing out"),
        (
            MLPClassifier(loss=losses.BinaryCrossentropy(label_smoothing=0.1), label_smoothing=0.1),
            InvalidParameter,
            "Give label_smoothing once",
        ),
        (MLPClassifier(label_smoothing=1.0), InvalidParameter, "label_smoothing to be a number at least 0 and below 1"),
        (MLPClassifier(loss=lambda y, p: np.square(np.asarray(p))), InvalidParameter, "written with jax.numpy"),
        (MLPClassifier(loss=lambda y, p: p[:1]), InvalidParameter, r"values of shape \(1,\) for 3 rows"),
        (MLPRegressor("hubber"), UnknownName, 'Did you mean "huber"'),
        (MLPRegressor(losses.Hinge()), InvalidParameter, "compares classes. Use MLPClassifier"),
        (MLPRegressor(losses.GaussianNLL()), InvalidParameter, "several outputs for each target"),
        (MLPRegressor(losses.Quantile([0.1, 0.9])), InvalidParameter, "one regressor for each quantile"),
        (MLPRegressor(losses.Poisson()), DataError, "targets of at least 0"),
    ],
)
def test_what_is_refused(model, error, message):
    y = TWO if isinstance(model, MLPClassifier) else TWO - 1.0
    with pytest.raises(error, match=message):
        model.fit(PIXELS, y)
    assert not hasattr(model, "coefs_")
