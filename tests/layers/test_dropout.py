"""Layers of noise: their moments. Bounds are five standard errors of 100,000 independent numbers, at least."""

import numpy as np
import pytest

from lamina import layers
from lamina.layers import Call

ONES = np.ones((1000, 100), np.float32)


def _outputs(layer, x=ONES, seed=(1, 2), **call):
    return np.asarray(layer.run({}, {}, x, Call(True, np.array(seed, np.uint32), hyper=layer.hyper(), **call))[0])


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("make", [layers.Dropout, layers.GaussianDropout])
def test_dropout_keeps_the_mean_and_has_its_variance(make, rate):
    """Row 79: mean 1 and variance rate / (1 - rate), both for the noise of two values and for the normal one."""
    y = _outputs(make(rate))
    variance = rate / (1 - rate)
    assert abs(y.mean() - 1) < 5 * np.sqrt(variance / y.size)
    np.testing.assert_allclose(y.var(), variance, rtol=0.05)


def test_dropout_drops_the_rate():
    assert abs((_outputs(layers.Dropout(0.3)) == 0).mean() - 0.3) < 5 * np.sqrt(0.21 / ONES.size)


def test_alpha_dropout_keeps_standard_inputs_standard():
    """Row 81."""
    x = np.random.RandomState(0).randn(*ONES.shape).astype(np.float32)
    y = _outputs(layers.AlphaDropout(0.2), x)
    assert abs(y.mean()) < 0.02
    assert abs(y.var() - 1) < 0.03


def test_gaussian_noise_adds_its_deviation():
    y = _outputs(layers.GaussianNoise(0.3)) - ONES
    assert abs(y.mean()) < 5 * 0.3 / np.sqrt(y.size)
    np.testing.assert_allclose(y.std(), 0.3, rtol=0.02)


@pytest.mark.parametrize("make", [layers.Dropout, layers.AlphaDropout, layers.GaussianDropout, layers.GaussianNoise])
def test_prediction_is_without_noise_and_shared_noise_is_the_same_in_all_rows(make):
    layer = make(0.5)
    np.testing.assert_array_equal(layer.run({}, {}, ONES, Call(False))[0], ONES)
    shared = _outputs(layer, shared_noise=True)
    np.testing.assert_array_equal(shared, np.broadcast_to(shared[:1], shared.shape))
    assert (_outputs(layer)[0] != _outputs(layer)[1]).any()


@pytest.mark.parametrize("make", [layers.MCDropout, layers.MCAlphaDropout])
def test_monte_carlo_layers_are_noisy_in_prediction(make):
    layer = make(0.5)
    seed = np.array([1, 2], np.uint32)
    predicted = layer.run({}, {}, ONES, Call(False, seed, hyper=layer.hyper()))[0]
    np.testing.assert_array_equal(predicted, _outputs(layer))
    assert np.unique(predicted).size == 2
