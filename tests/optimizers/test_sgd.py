"""SGD against Optax' where both define the same thing, and by hand where they differ."""

import jax
import numpy as np
import optax
import pytest

from lamina.optimizers import SGD


@pytest.mark.parametrize("nesterov", [False, True])
def test_equals_optax_at_a_constant_rate(nesterov):
    rng, w = np.random.RandomState(0), np.ones(3, np.float32)
    ours = SGD(momentum=0.9, nesterov=nesterov).transform(
        {"learning_rate": np.float32(0.1), "momentum": np.float32(0.9)}
    )
    theirs = optax.sgd(0.1, momentum=0.9, nesterov=nesterov)
    states = [ours.init(w), theirs.init(w)]
    for _ in range(5):
        grad = rng.randn(3).astype(np.float32)
        update, states[0] = ours.update(grad, states[0])
        expected, states[1] = theirs.update(grad, states[1])
        np.testing.assert_allclose(update, expected, rtol=1e-5)


def test_a_changed_rate_acts_on_new_gradients_only():
    """v1 = -0.1 · 1; then rate 0.01: v2 = 0.9 · (-0.1) - 0.01 · 1 = -0.1."""
    hyper = {"learning_rate": 0.1, "momentum": 0.9}
    _, velocity = SGD(momentum=0.9).transform(hyper).update(np.float32(1), np.float32(0))
    update, _ = SGD(momentum=0.9).transform({**hyper, "learning_rate": 0.01}).update(np.float32(1), velocity)
    np.testing.assert_allclose(update, -0.1, rtol=1e-6)


def test_without_momentum_there_is_no_state():
    sgd = SGD(0.1)
    assert sgd.hyper_names == ("learning_rate",)
    update, state = sgd.transform({"learning_rate": np.float32(0.1)}).update(np.float32(2), sgd.start(np.float32(0)))
    np.testing.assert_allclose(update, -0.2, rtol=1e-6)
    assert jax.tree.leaves(state) == []
