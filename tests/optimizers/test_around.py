"""Clipping, decay and averages around a rule, by hand."""

import numpy as np
import optax
import pytest

from lamina.optimizers.around import Averaged, average_after, clip_first, clip_norm, decay_first

STEP = optax.scale(-1.0)
GRADS = {"a": np.array([3.0, 4.0], np.float32), "b": np.array([12.0], np.float32)}


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"clipvalue": 3.5}, {"a": [-3, -3.5], "b": [-3.5]}),
        ({"clipnorm": 6.0}, {"a": [-3, -4], "b": [-6]}),
        ({"global_clipnorm": 6.5}, {"a": [-1.5, -2], "b": [-6]}),
        ({"global_clipnorm": 20.0}, {"a": [-3, -4], "b": [-12]}),
    ],
)
def test_clipping(limit, expected):
    """Rows 39, 40."""
    rule = clip_first(STEP, {name: np.float32(value) for name, value in limit.items()})
    updates, _ = rule.update(GRADS, rule.init(GRADS), GRADS)
    for name, values in expected.items():
        np.testing.assert_allclose(updates[name], values, rtol=1e-6)


def test_a_gradient_of_zero_stays_zero():
    np.testing.assert_array_equal(clip_norm(np.zeros(3, np.float32), np.float32(1)), np.zeros(3))


def test_decay_comes_before_the_rule():
    """10 decays to 8, from where a rule that halves the weights goes to 4."""
    halving = optax.stateless(lambda grads, params: -params / 2)
    updates, _ = decay_first(halving, lambda params: params * np.float32(0.8)).update(
        np.float32(0), halving.init(0), np.float32(10)
    )
    np.testing.assert_allclose(updates, -6, rtol=1e-6)


def test_the_average_begins_with_the_first_new_weights():
    """Weights 9, 7: averages 9, then 0.75 · 9 + 0.25 · 7."""
    rule, state, w = average_after(STEP, np.float32(0.75)), Averaged(np.int32(0), np.float32(10), STEP.init(0)), 10.0
    averages = []
    for grad in (1.0, 2.0):
        update, state = rule.update(np.float32(grad), state, np.float32(w))
        w += float(update)
        averages.append(float(state.average))
    assert averages == [9, 8.5]
