"""Schedules that go down, against Keras' and by hand."""

import os

import jax
import numpy as np
import pytest

from lamina.optimizers import schedules
from lamina.optimizers.schedules import Power, inverse_scaling

STEPS = np.unique(np.r_[np.arange(40), np.linspace(40, 5000, 60).astype(int)])
CASES = [
    ("ExponentialDecay", (0.1, 100, 0.5), {}),
    ("ExponentialDecay", (0.1, 100, 0.96), {"staircase": True}),
    ("InverseTimeDecay", (0.1, 100, 0.5), {}),
    ("InverseTimeDecay", (0.1, 100, 0.5), {"staircase": True}),
    ("PiecewiseConstantDecay", ([3, 10, 700], [1.0, 0.5, 0.1, 0.02]), {}),
    ("PolynomialDecay", (0.1, 900), {}),
    ("PolynomialDecay", (0.1, 900, 0.01), {"power": 2.0}),
    ("PolynomialDecay", (0.1, 70, 0.01), {"power": 0.5, "cycle": True}),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "arguments", "options"), CASES)
def test_equals_keras(name, arguments, options):
    """Rows 61-63. Keras computes in float32: what is near 0 against the start cannot be judged relatively."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras")
    theirs = getattr(keras.optimizers.schedules, name)(*arguments, **options)
    expected = np.asarray(jax.jit(jax.vmap(theirs))(STEPS))
    ours = getattr(schedules, name)(*arguments, **options)
    np.testing.assert_allclose(ours(STEPS), expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(ours(int(STEPS[50])), expected[50], rtol=1e-6, atol=1e-7)


def test_power():
    """Row 61: after s steps half, after 2 s a third, for c = 1."""
    np.testing.assert_allclose(Power(0.6, decay_steps=20)(np.array([0, 20, 40, 60])), [0.6, 0.3, 0.2, 0.15])
    np.testing.assert_allclose(Power(0.6, 20, power=0.5)(60), 0.3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "decay_steps to be a number above 0. Received decay_steps=0"),
        (lambda: schedules.PiecewiseConstantDecay([1], [1.0]), "one value more .* 1 boundaries and 1 values"),
        (lambda: schedules.PiecewiseConstantDecay([2, 1], [1.0, 2.0, 3.0]), "increasing boundaries"),
    ],
)
def test_errors_say_what_is_expected(make, message):
    with pytest.raises(ValueError, match=message):
        make()


EPOCHS = np.arange(3)[:, None]
POSITIONS = EPOCHS * 4 + np.arange(4)


def test_inverse_scaling_counts_rows():
    values = inverse_scaling(1.0, 0.5, rows_per_epoch=8, rows_before=0, fresh=True)(EPOCHS, POSITIONS)
    np.testing.assert_allclose(values[:, 0], [1, 1 / 3, 1 / np.sqrt(17)])
    np.testing.assert_array_equal(values[:, 0], values[:, 3])


def test_a_fresh_optimizer_starts_at_the_full_rate():
    later = inverse_scaling(1.0, 0.5, rows_per_epoch=8, rows_before=8, fresh=True)(EPOCHS, POSITIONS)
    np.testing.assert_allclose(later[:, 0], [1, 1 / np.sqrt(17), 1 / 5])
