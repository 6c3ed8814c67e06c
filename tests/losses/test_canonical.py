"""Losses against scikit-learn's own functions, and against values worked by hand."""

import numpy as np
import pytest
from sklearn.neural_network._base import LOSS_FUNCTIONS

from lamina.activations import get_activation
from lamina.losses import LOSSES

RNG = np.random.RandomState(0)
TARGETS = {
    "log_loss": np.eye(4)[RNG.randint(0, 4, 30)],
    "binary_log_loss": (RNG.rand(30, 3) > 0.5).astype(float),
    "squared_error": RNG.randn(30, 2),
    "poisson": RNG.poisson(1.0, (30, 2)).astype(float),
}


@pytest.mark.parametrize("name", TARGETS)
def test_weighted_mean_equals_scikit_learns(name):
    """float32 arithmetic: sums of 30 terms of size 1 to 10."""
    y, weight = TARGETS[name], RNG.rand(30)
    z = RNG.randn(*y.shape).astype(np.float32)
    loss = LOSSES[name]
    ours = np.average(np.asarray(loss.per_row(y, z)), weights=weight)
    theirs = LOSS_FUNCTIONS[name](y, np.asarray(get_activation(loss.link)(z)), weight)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_a_certain_mistake_is_finite():
    """Probability 0 for the true class costs -log(eps), not infinity."""
    z = np.array([[200.0, 0.0]], np.float32)
    loss = float(LOSSES["log_loss"].per_row(np.array([[0.0, 1.0]]), z)[0])
    np.testing.assert_allclose(loss, -np.log(np.finfo(np.float32).eps), rtol=1e-6)


def test_poisson_of_zero_counts_by_hand():
    """y = 0, p = e^0.5: the deviance's half is p itself."""
    value = LOSSES["poisson"].per_row(np.array([[0.0]]), np.array([[0.5]], np.float32))
    np.testing.assert_allclose(np.asarray(value), [np.exp(0.5)], rtol=1e-6)
