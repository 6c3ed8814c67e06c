"""The middle of a Siamese network, behind the Keras door."""

import numpy as np
import pytest

from lamina.errors import DataError
from lamina.layers import Dense, PairDifference
from lamina.models import Sequential

PAIRS = np.random.RandomState(0).randn(6, 2, 4).astype(np.float32)


def test_a_siamese_model():
    """Row 103: both halves go through one kernel; NumPy by hand, and no difference between a pair and its reverse."""
    model = Sequential([Dense(3, "tanh", input_shape=(2, 4)), PairDifference(), Dense(1, "sigmoid")])
    kernel, bias, out, shift = model.get_weights()
    features = np.tanh(PAIRS @ kernel + bias)
    expected = 1 / (1 + np.exp(-(np.abs(features[:, 0] - features[:, 1]) @ out + shift)))
    np.testing.assert_allclose(model.predict(PAIRS), expected, rtol=1e-5)  # float32
    np.testing.assert_array_equal(model.predict(PAIRS), model.predict(PAIRS[:, ::-1]))


@pytest.mark.parametrize("shape", [(8,), (3, 4)])
def test_other_rows_than_pairs(shape):
    with pytest.raises(DataError, match=r"rows of shape \(2, n_features\).*stack\(\[a, b\], axis=1\)"):
        PairDifference().build(shape)
