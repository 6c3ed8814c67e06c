"""Shapes of networks that a Sequential makes, and what they are by hand."""

import numpy as np
import pytest

import lamina as keras
from lamina.layers import Dense, GaussianNoise
from lamina.models import Sequential
from lamina.optimizers import SGD, Adam
from tests.models.networks import TARGETS, X

pytestmark = pytest.mark.usefixtures("seeded")


def test_a_linear_perceptron_without_bias_by_hand():
    """Row 12: gradient descent on one feature contracts the error of the weight by ``1 - 2 rate mean(x²)`` a step."""
    x, rate = X[:, :1], 0.1
    target = float((x.T @ TARGETS[:, 1:])[0, 0] / (x.T @ x)[0, 0])  # least squares
    model = Sequential([Dense(1, use_bias=False, input_shape=(1,))])
    assert model.count_params() == 1
    start = model.get_weights()[0].item()
    model.compile(SGD(rate), "mse")
    model.fit(x, TARGETS[:, 1], batch_size=len(x), epochs=10, verbose=0)
    expected = target + (start - target) * (1 - 2 * rate * np.mean(x**2)) ** 10
    np.testing.assert_allclose(model.get_weights()[0].item(), expected, rtol=1e-4)  # float32


def test_wide_and_deep():
    """Row 10: a block whose input skips its deep part, so that the outputs are a linear part and a deep one."""
    deep = keras.layers.Residual([Dense(16, "relu"), Dense(4)])
    model = Sequential([deep, Dense(1)])
    model.build((None, 4))
    first, a, second, b, wide, c = model.get_weights()
    expected = X @ wide + (np.maximum(X @ first + a, 0) @ second + b) @ wide + c
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-4, atol=1e-5)  # float32
    y = X @ np.array([1.0, -2.0, 0.5, 3.0]) + np.abs(X[:, 0])
    model.compile(Adam(0.02), "mse")
    losses = model.fit(X, y, epochs=60, verbose=0).history["loss"]
    linear = np.linalg.lstsq(np.c_[X, np.ones(150)], y, rcond=None)[1][0] / 150
    assert losses[-1] < 0.5 * linear


def test_noise_on_the_inputs_is_a_penalty_on_the_weights():
    """Row 92: a linear unit loses |w|² stddev² more on average with noisy inputs (Bishop, 1995), and predicts without.

    40,000 rows: the mean of the squared noise is good to sqrt(2 / 40,000) = 0.7 %; five times that.
    """
    x = np.random.RandomState(1).randn(40_000, 4).astype(np.float32)
    model = Sequential([GaussianNoise(0.5, input_shape=(4,)), Dense(1, use_bias=False)])
    model.compile(SGD(0.0), "mse")
    model.set_weights([np.array([[1.0], [2.0], [-1.0], [0.5]])])
    noisy = model.fit(x, x @ [1.0, 2.0, -1.0, 0.5], verbose=0).history["loss"][0]
    np.testing.assert_allclose(noisy, 6.25 * 0.25, rtol=0.035)
    assert model.evaluate(x, x @ [1.0, 2.0, -1.0, 0.5]) < 1e-9
