"""The normal likelihood, which Keras has not, against SciPy's."""

import numpy as np
import pytest
from scipy.stats import norm

from lamina.errors import DataError
from lamina.losses import GaussianNLL

RNG = np.random.RandomState(0)


def test_gaussian():
    y, mean, log_variance = RNG.randn(3, 50, 2).astype(np.float32)
    ours = GaussianNLL().per_row(y, np.concatenate([mean, log_variance], axis=1))
    np.testing.assert_allclose(ours, -norm.logpdf(y, mean, np.exp(log_variance / 2)).mean(axis=1), rtol=2e-6)


def test_outputs_that_are_too_few():
    with pytest.raises(DataError, match="a mean and a log-variance for each, but the network has 1"):
        GaussianNLL()(np.ones((3, 1)), np.ones((3, 1)))
