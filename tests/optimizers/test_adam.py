"""Adam against scikit-learn's optimizer."""

import numpy as np
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

from lamina.engine.precision import precision
from lamina.optimizers import Adam


def test_equals_scikit_learns():
    rng, w = np.random.RandomState(0), np.ones(4)
    theirs, expected = AdamOptimizer([w], 0.01), [w.copy()]
    hyper = {"learning_rate": np.float64(0.01), "beta_1": np.float64(0.9), "beta_2": np.float64(0.999)}
    with precision("float64"):
        ours = Adam().transform({**hyper, "epsilon": np.float64(1e-8)})
        state = ours.init(w)
        for _ in range(20):
            grad = rng.randn(4)
            update, state = ours.update(grad, state)
            w = w + np.asarray(update)
            theirs.update_params(expected, [grad])
    np.testing.assert_allclose(w, expected[0], rtol=1e-13)
