"""The pinball loss, which Keras has not, against scikit-learn's."""

import numpy as np
import pytest
from sklearn.metrics import mean_pinball_loss

from lamina.errors import DataError
from lamina.losses import Quantile

RNG = np.random.RandomState(0)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_one_quantile(quantile):
    y, p = RNG.randn(50, 2).astype(np.float32), RNG.randn(50, 2).astype(np.float32)
    np.testing.assert_allclose(Quantile(quantile)(y, p), mean_pinball_loss(y, p, alpha=quantile), rtol=1e-6)


def test_several_quantiles_of_two_targets():
    """The outputs of the first target come first."""
    y, p = RNG.randn(50, 2).astype(np.float32), RNG.randn(50, 6).astype(np.float32)
    quantiles = [0.1, 0.5, 0.9]
    single = [mean_pinball_loss(y[:, i // 3], p[:, i], alpha=quantiles[i % 3]) for i in range(6)]
    np.testing.assert_allclose(Quantile(quantiles)(y, p), np.mean(single), rtol=1e-6)


def test_outputs_that_are_too_few():
    with pytest.raises(DataError, match=r"needs 4 outputs.*the network has 2\. Give the last layer 4 units"):
        Quantile([0.1, 0.9])(np.ones((3, 2)), np.ones((3, 2)))
