"""Activations: names, defaults, values far out."""

import jax
import numpy as np
import pytest

from lamina import activations
from lamina.activations import ACTIVATIONS
from lamina.neural_network import MLPClassifier


def test_none_is_the_identity_and_functions_stay():
    assert activations.get(None) is activations.linear
    assert activations.get(np.tanh) is np.tanh


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_finite_far_out(name):
    """exp alone may overflow."""
    z = np.array([[-80.0, -1.0, 0.0, 1.0, 80.0]], np.float32)
    function = ACTIVATIONS[name]
    assert np.isfinite(function(z)).all()
    assert np.isfinite(jax.grad(lambda z: function(z).sum())(z)).all()


def test_leaky_relu_by_name_is_each_doors_own():
    """Row 15. Keras' slope in a layer, and the customary 0.01 in an estimator."""
    assert float(ACTIVATIONS["leaky_relu"](-1.0)) == pytest.approx(-0.2)
    X, y = np.random.RandomState(0).randn(20, 2), np.arange(20) % 2
    first = MLPClassifier((3,), activation="leaky_relu", max_iter=1, tol=1e3, solver="lbfgs", random_state=0).fit(X, y)
    hidden = X @ first.coefs_[0] + first.intercepts_[0]
    outputs = np.where(hidden > 0, hidden, 0.01 * hidden) @ first.coefs_[1] + first.intercepts_[1]
    np.testing.assert_allclose(first.predict_proba(X)[:, 1:], 1 / (1 + np.exp(-outputs)), rtol=1e-6)
