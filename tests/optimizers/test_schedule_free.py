"""Schedule-free Adam against Optax' contribution, which weighs all steps the same while the rate is constant."""

import jax
import numpy as np
import optax
import pytest

from lamina.optimizers import ScheduleFreeAdam

W = {"w": np.array([1.0, -2.0, 0.5], np.float32)}


def test_equals_optax():
    """Row 56: on a quadratic of another curvature along each axis, its gradient taken where each stands."""
    rng, curvature = np.random.RandomState(0), np.array([1.0, 0.1, 3.0], np.float32)
    ours, theirs = ScheduleFreeAdam(0.05, beta_1=0.8), optax.contrib.schedule_free_adamw(0.05, b1=0.8)
    transform = ours.recipe().transform(jax.tree.map(np.float32, ours.hyper()))
    state, expected_state, params, expected = ours.start(W), theirs.init(jax.tree.map(jax.numpy.array, W)), W, W
    for _ in range(50):
        noise = rng.randn(3).astype(np.float32) * 0.1
        update, state = transform.update({"w": curvature * params["w"] + noise}, state, params)
        change, expected_state = theirs.update({"w": curvature * expected["w"] + noise}, expected_state, expected)
        params, expected = optax.apply_updates(params, update), optax.apply_updates(expected, change)
    np.testing.assert_allclose(params["w"], expected["w"], rtol=1e-4, atol=1e-6)
    average = optax.contrib.schedule_free_eval_params(expected_state, expected)
    np.testing.assert_allclose(ours.averaged(params, state)["w"], average["w"], rtol=1e-4, atol=1e-6)


def test_the_average_before_any_step():
    optimizer = ScheduleFreeAdam()
    np.testing.assert_allclose(optimizer.averaged(W, optimizer.start(W))["w"], W["w"], rtol=1e-6)


def test_beta_1_is_a_number_above_0():
    for beta_1 in (0, lambda step: 0.9):
        with pytest.raises(ValueError, match="beta_1 to be a number above 0 and below 1"):
            ScheduleFreeAdam(beta_1=beta_1)
