"""Predictions with dropout left on: against a hand-written loop, and the entropies by hand."""

import numpy as np
import pytest

import lamina as keras
from lamina import MLPClassifier, MLPRegressor
from lamina.engine.uncertainty import summarise
from lamina.errors import InvalidParameter
from lamina.layers import BatchNormalization, Dense, Dropout
from lamina.models import Sequential

X = np.random.RandomState(0).randn(60, 4).astype(np.float32)
CLASSES = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
DRAWS = 1000

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


@pytest.fixture
def model():
    return Sequential(
        [Dense(8, "relu", input_shape=(4,)), Dropout(0.3), Dense(8, "relu"), Dropout(0.3), Dense(3, "softmax")]
    )


def entropy(p):
    return -(p * np.log(p)).sum(axis=-1)


def test_a_loop_by_hand(model):
    """Rows 105, 108: mean, spread and entropies of as many calls of the model in training mode.

    Two means of N draws of spread s differ by s sqrt(2/N) in spread, and two spreads by about s sqrt(1/N); 5 times
    that is exceeded once in a million.
    """
    rows = X[:8]
    result = model.predict_uncertainty(rows, n_samples=DRAWS)
    loop = np.stack([model(rows, training=True) for _ in range(DRAWS)])
    spread = loop.std(axis=0)
    assert spread.min() > 0.01
    assert (np.abs(result.mean - loop.mean(axis=0)) < 5 * spread * np.sqrt(2 / DRAWS)).all()
    assert (np.abs(result.std - spread) < 5 * spread * np.sqrt(2 / DRAWS)).all()
    total = entropy(loop.mean(axis=0))
    np.testing.assert_allclose(result.entropy, total, atol=0.03)  # the mean's error above times its slope log p
    np.testing.assert_allclose(result.mutual_information, total - entropy(loop).mean(axis=0), atol=0.03)
    assert (result.mutual_information > 0).all()
    assert (result.mutual_information < result.entropy).all()


def test_entropies_by_hand():
    """Row 108: three draws of two rows; the same in every draw has nothing to learn, opposite draws have all."""
    samples = np.array([[[0.5, 0.5], [1, 0]], [[0.5, 0.5], [0, 1]]])
    result = summarise(samples, probabilities=True)
    np.testing.assert_allclose(result.mean, 0.5)
    np.testing.assert_allclose(result.std, [[0, 0], [0.5, 0.5]])
    np.testing.assert_allclose(result.entropy, np.log(2), rtol=1e-12)
    np.testing.assert_allclose(result.mutual_information, [0, np.log(2)], atol=1e-12)  # 64-bit sums
    plain = summarise(samples, probabilities=False)
    assert plain.entropy is None
    assert plain.mutual_information is None


def test_one_mask_for_all_rows(model):
    """Row 107: equal rows stay equal in each draw, so they differ in no draw; without it they do."""
    difference = Sequential([Dropout(0.5, input_shape=(4,)), Dense(1, use_bias=False, kernel_initializer="ones")])
    rows = np.ones((10, 4), np.float32)
    shared = difference.predict_uncertainty(rows, n_samples=50, shared_mask=True)
    own = difference.predict_uncertainty(rows, n_samples=50)
    assert (shared.mean == shared.mean[0]).all()
    assert (shared.std == shared.std[0]).all()
    assert len(np.unique(own.mean)) > 1
    # 4 inputs of 0 or 2, each with probability a half: mean 4, variance 4; 5 standard errors of 50 draws
    assert abs(shared.mean[0, 0] - 4) < 5 * 2 / np.sqrt(50)


def test_draws_in_one_program(model, compiles):
    """Row 105: another seed, another rate and another number of rows in the bucket compile nothing."""
    model.predict_uncertainty(X, n_samples=20)
    with compiles(at_most=0):
        first = model.predict_uncertainty(X, n_samples=20)
        model.layers[1].rate = 0.6
        second = model.predict_uncertainty(X[:57], n_samples=20)
    assert first.mean.shape == (60, 3)
    assert second.std.shape == (57, 3)
    assert second.std.mean() > first.std.mean()


def test_batch_normalisation_stays_as_in_prediction():
    """Row 106: with a rate of almost 0 each draw is the prediction, whatever the batch's own statistics."""
    model = Sequential([BatchNormalization(input_shape=(4,)), Dropout(1e-6), Dense(3, "softmax")])
    state = model.get_weights()
    result = model.predict_uncertainty(10 * X + 3, n_samples=5)
    # inputs up to 30 times 1 / (1 - 1e-6) under the softmax
    np.testing.assert_allclose(result.mean, model.predict(10 * X + 3), rtol=1e-3, atol=1e-5)
    assert result.std.max() < 1e-5
    for ours, weights in zip(model.get_weights(), state):
        np.testing.assert_array_equal(ours, weights)


def test_outputs_that_are_no_probabilities():
    model = Sequential([Dropout(0.5, input_shape=(4,)), Dense(2)])
    assert model.predict_uncertainty(X, n_samples=5).entropy is None


def test_errors(model):
    with pytest.raises(InvalidParameter, match=r"no layer of noise.*Dropout\(0\.1\)"):
        Sequential([Dense(3, input_shape=(4,))]).predict_uncertainty(X)
    with pytest.raises(InvalidParameter, match="n_samples"):
        model.predict_uncertainty(X, n_samples=0)
    net = MLPClassifier((4,), max_iter=1, random_state=0).fit(X, CLASSES)
    with pytest.raises(InvalidParameter, match=r"no dropout.*dropout=0\.1"):
        net.predict_uncertainty(X)
    net = MLPClassifier((4,), max_iter=1, random_state=0, dropout=0.1).fit(X, CLASSES)
    with pytest.raises(InvalidParameter, match="n_samples"):
        net.predict_uncertainty(X, n_samples=0)


# -- estimators -----------------------------------------------------------------------------------------------------

SETTINGS = {"hidden_layer_sizes": (16,), "dropout": 0.3, "random_state": 0, "learning_rate_init": 0.02, "max_iter": 20}


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("normalization", [None, "batch"])
def test_estimators(kind, normalization):
    """Rows 105, 106, 108: around predict_proba or predict, the same for the same random_state.

    The mean of draws is near the prediction without dropout, not equal to it: half a spread and 5 standard errors.
    """
    cls = MLPRegressor if kind == "regression" else MLPClassifier
    y = {"binary": np.array(["no", "yes"])[CLASSES.clip(max=1)], "multiclass": CLASSES}.get(kind, X[:, 0] * 3)
    net = cls(**SETTINGS, normalization=normalization).fit(X, y)
    result = net.predict_uncertainty(X, n_samples=200)
    plain = net.predict(X)[:, None] if kind == "regression" else net.predict_proba(X)
    assert result.mean.shape == result.std.shape == plain.shape
    assert result.std.max() > 0.01
    bound = result.std * (0.5 + 5 / np.sqrt(200)) + 1e-3  # 1e-3: saturated probabilities
    assert (np.abs(result.mean - plain) < bound).mean() > 0.9
    again = net.predict_uncertainty(X, n_samples=200)
    np.testing.assert_array_equal(again.mean, result.mean)
    if kind == "regression":
        assert result.entropy is None
        return
    np.testing.assert_allclose(result.mean.sum(axis=1), 1, rtol=1e-5)  # float32
    np.testing.assert_allclose(result.entropy, entropy(result.mean), rtol=1e-4, atol=1e-6)  # float32
    assert (result.mutual_information >= 0).all()
    assert (result.mutual_information <= result.entropy).all()
    if kind == "binary":
        np.testing.assert_allclose(result.std[:, 0], result.std[:, 1], rtol=1e-3, atol=1e-6)  # p and 1 - p, float32


def test_one_mask_for_all_rows_of_an_estimator():
    """Row 107."""
    net = MLPRegressor(**SETTINGS).fit(X, X[:, 0])
    rows = np.repeat(X[:1], 10, axis=0)
    shared = net.predict_uncertainty(rows, n_samples=30, shared_mask=True)
    np.testing.assert_allclose(shared.mean, np.broadcast_to(shared.mean[0], (10, 1)), rtol=1e-6)
    assert np.ptp(net.predict_uncertainty(rows, n_samples=30).mean) > 1e-3
