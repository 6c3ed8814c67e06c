"""Penalties on activities: by hand in NumPy, in the loss of training, and in nobody else's."""

import numpy as np
import pytest

from lamina.engine.objective import _of_activity
from lamina.engine.plan import Plan
from lamina.engine.program import program_for
from lamina.engine.run import Data
from lamina.errors import InvalidParameter
from lamina.layers import ActivityRegularization, Dense, KLActivityRegularization
from lamina.losses import MeanSquaredError
from lamina.optimizers import SGD

ACTIVE = np.random.RandomState(0).uniform(0.05, 0.9, (6, 4))
#: the last two rows are padding, whatever they hold
ROWS = np.array([1.0, 1.0, 2.0, 0.5, 0.0, 0.0])


def _by_hand(layer):
    share = ROWS[:4] / ROWS.sum()
    if isinstance(layer, ActivityRegularization):
        return float(share @ (layer.l1 * np.abs(ACTIVE[:4]) + layer.l2 * ACTIVE[:4] ** 2).sum(axis=1))
    t, a = layer.target, share @ ACTIVE[:4]
    return float(layer.strength * (t * np.log(t / a) + (1 - t) * np.log((1 - t) / (1 - a))).sum())


@pytest.mark.parametrize(
    "layer", [ActivityRegularization(l1=0.3), ActivityRegularization(0.1, 0.2), KLActivityRegularization(0.2, 3.0)]
)
def test_penalty_by_hand(layer):
    """Row 101. Tolerance: float32."""
    outputs = np.where(ROWS[:, None] != 0, ACTIVE, np.inf)
    np.testing.assert_allclose(layer.activity_penalty(outputs, ROWS), _by_hand(layer), rtol=1e-5)


def test_silent_and_saturated_units_cost_a_finite_amount():
    outputs = np.array([[0.0, 1.0], [0.0, 1.0]], np.float32)
    assert np.isfinite(KLActivityRegularization().activity_penalty(outputs, np.ones(2, np.float32)))


def _plan(layer):
    layers = (("dense", Dense(4, "sigmoid")), ("activity", layer), ("out", Dense(2)))
    return Plan(tuple((name, each.recipe()) for name, each in layers), MeanSquaredError(), (), SGD(), "float64", 6)


def test_it_is_added_to_the_loss_and_its_gradient():
    """Loss: the difference that the layer makes. Gradient: central differences, good to 1e-8 in float64."""
    layer, rng = KLActivityRegularization(0.2, 3.0), np.random.RandomState(1)
    params = {"dense": {"kernel": rng.randn(3, 4), "bias": rng.randn(4)}, "activity": {}}
    params["out"] = {"kernel": rng.randn(4, 2), "bias": rng.randn(2)}
    state = {name: {} for name in params}
    data = Data(rng.randn(6, 3), rng.randn(6, 2), ROWS)
    hyper = {"alpha": np.float64(0), "activity/target": np.float64(0.2), "activity/strength": np.float64(3)}

    def losses(params, strength=3.0):
        from lamina.engine.precision import precision

        with precision("float64"):
            given = {**hyper, "activity/strength": np.float64(strength)}
            loss, grads = program_for(_plan(layer)).loss_and_grad(params, state, data, np.int32(4), given)
        return float(loss), grads

    codes = 1 / (1 + np.exp(-(data.x @ params["dense"]["kernel"] + params["dense"]["bias"])))
    mean = ROWS @ codes / ROWS.sum()
    expected = 3 * (0.2 * np.log(0.2 / mean) + 0.8 * np.log(0.8 / (1 - mean))).sum()
    loss, grads = losses(params)
    np.testing.assert_allclose(loss - losses(params, 0.0)[0], expected, rtol=1e-12)
    step = np.zeros((3, 4))
    step[1, 2] = 1e-6
    moved = [losses({**params, "dense": {**params["dense"], "kernel": params["dense"]["kernel"] + s}})[0]
             for s in (step, -step)]  # fmt: skip
    np.testing.assert_allclose(grads["dense"]["kernel"][1, 2], (moved[0] - moved[1]) / 2e-6, rtol=1e-6)


def test_other_layers_add_nothing():
    plan = _plan(Dense(4))
    assert _of_activity(plan, [np.zeros((6, 4))] * 3, ROWS, {}) == []


def test_mistakes():
    with pytest.raises(InvalidParameter, match="target"):
        KLActivityRegularization(target=1.0)
    with pytest.raises(InvalidParameter, match="Put ActivityRegularization"):
        Dense(3, activity_regularizer="l1")
