"""The steps of the range test, against gradient descent by hand."""

import numpy as np
import pytest

from lamina.engine.loop import to_device
from lamina.engine.plan import Plan
from lamina.engine.range_test import batches_of, range_test
from lamina.engine.run import fresh_optimizer_state
from lamina.errors import DivergenceError
from lamina.layers import Dense
from lamina.losses import MeanSquaredError
from lamina.optimizers import SGD

PLAN = Plan(
    layers=(("dense", Dense(1).recipe()),),
    loss=MeanSquaredError().recipe(),
    metrics=(),
    optimizer=SGD(0.1).recipe(),
    dtype="float64",
    batch_width=8,
    penalties=(),
)
RNG = np.random.RandomState(0)
X, Y = RNG.standard_normal((50, 3)), RNG.standard_normal((50, 1))
KERNEL, BIAS = RNG.standard_normal((3, 1)), np.zeros(1)


def run(rates, batches=None):
    params = {"dense": {"kernel": KERNEL, "bias": BIAS}}
    weights = (params, {"dense": {}}, fresh_optimizer_state(PLAN, params))
    batches = batches_of(np.arange(50), 8, len(rates), np.random.RandomState(1), True) if batches is None else batches
    return range_test(PLAN, weights, to_device(PLAN, X, Y, None), batches, rates, {}, np.zeros(2, np.uint32))


def by_hand(rates, batches):
    w, b, losses = KERNEL.copy(), BIAS.copy(), []
    for rate, rows in zip(rates, batches):
        error = X[rows] @ w + b - Y[rows]
        losses.append((error**2).mean())
        w, b = w - rate * 2 * X[rows].T @ error / len(rows), b - rate * 2 * error.mean(axis=0)
    return np.array(losses)


@pytest.mark.parametrize("n_steps", [10, 60])
def test_steps_by_hand(n_steps, compiles):
    """Row 69: within one dispatch and over several; 1e-9: sums in another order."""
    rates = np.geomspace(1e-3, 0.2, n_steps)
    batches = batches_of(np.arange(50), 8, n_steps, np.random.RandomState(1), True)
    found = run(rates, batches)
    np.testing.assert_allclose(found.losses, by_hand(rates, batches), rtol=1e-9)
    np.testing.assert_array_equal(found.rates, rates)
    with compiles(at_most=0):
        run(np.geomspace(1e-5, 0.1, n_steps + 7))


def test_it_stops_when_the_loss_shoots_up():
    """Row 69: at four times the first loss, where the exact loss by hand does; and long before the last rate."""
    rates = np.geomspace(1e-3, 1e3, 200)
    batches = batches_of(np.arange(50), 8, 200, np.random.RandomState(1), True)
    found = run(rates, batches)
    tried = len(found.losses)
    losses = by_hand(rates[: tried + 1], batches)
    assert tried < 150
    np.testing.assert_allclose(found.losses, losses[:tried], rtol=1e-6)
    assert losses[tried] > 4 * losses[0]


def test_no_rate_is_small_enough():
    with pytest.raises(DivergenceError, match=r"at once, at learning rates around 1e\+05"):
        run(np.geomspace(1e5, 1e9, 50))


def test_batches_are_full_and_go_through_all_rows():
    rows = np.arange(100, 150)
    batches = batches_of(rows, 16, 7, np.random.RandomState(0), True)
    assert batches.shape == (7, 16)
    assert len(np.unique(batches[:3])) == 48  # an epoch repeats no row
    assert set(batches.ravel()) == set(rows)
    in_order = batches_of(rows, 25, 3, np.random.RandomState(0), False)
    np.testing.assert_array_equal(in_order.ravel(), np.r_[rows, rows[:25]])
