"""Initializers by the layer's size: bounds, variances, and scikit-learn's numbers."""

import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor

from lamina import initializers
from lamina.errors import InvalidParameter, UnknownName

SHAPE = FANS = (300, 500)
VARIANCES = {
    "glorot_uniform": 2 / 800,
    "glorot_uniform_logistic": 2 / 2400,
    "glorot_normal": 2 / 800,
    "he_uniform": 2 / 300,
    "he_normal": 2 / 300,
    "lecun_uniform": 1 / 300,
    "lecun_normal": 1 / 300,
}


@pytest.mark.parametrize("name", VARIANCES)
def test_variance_and_bound(name):
    """Rows 23-25. 150,000 numbers: the variance is known to about 0.4%, the mean to 0.3% of a deviation."""
    drawn = initializers.get(name).draw(np.random.RandomState(0), SHAPE, FANS)
    deviation = np.sqrt(VARIANCES[name])
    np.testing.assert_allclose(drawn.var(), VARIANCES[name], rtol=0.02)
    assert abs(drawn.mean()) < 0.015 * deviation
    bound = 2 / 0.87962566 if "normal" in name else np.sqrt(3)
    assert 0.99 * bound * deviation < abs(drawn).max() <= bound * deviation * (1 + 1e-12)


@pytest.mark.parametrize("activation", ["relu", "logistic"])
def test_first_weights_are_scikit_learns_bit_by_bit(activation):
    name = "glorot_uniform_logistic" if activation == "logistic" else "glorot_uniform"
    theirs = MLPRegressor((7,), activation=activation)
    theirs._random_state = np.random.RandomState(3)
    theirs.out_activation_ = "identity"
    coef, intercept = theirs._init_coef(11, 7, np.float64)
    rng, ours = np.random.RandomState(3), initializers.get(name)
    np.testing.assert_array_equal(ours.draw(rng, (11, 7), (11, 7)), coef)
    np.testing.assert_array_equal(ours.draw(rng, (7,), (11, 7)), intercept)


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize("distribution", ["truncated_normal", "normal", "untruncated_normal", "uniform"])
def test_variance_scaling(mode, distribution):
    """Row 26."""
    drawn = initializers.VarianceScaling(3.0, mode, distribution).draw(np.random.RandomState(0), SHAPE, FANS)
    np.testing.assert_allclose(drawn.var(), 3 / {"fan_in": 300, "fan_out": 500, "fan_avg": 400}[mode], rtol=0.02)


def test_bad_settings():
    with pytest.raises(InvalidParameter, match="scale"):
        initializers.VarianceScaling(0.0)
    with pytest.raises(UnknownName, match='Did you mean "fan_avg"'):
        initializers.VarianceScaling(mode="fan_avrg")
