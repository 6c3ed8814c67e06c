"""Cosines against Keras'."""

import os

import jax
import numpy as np
import pytest

from lamina.optimizers import schedules
from lamina.optimizers.schedules import CosineDecayRestarts

STEPS = np.unique(np.r_[np.arange(1, 40), np.linspace(41, 5000, 60).astype(int)])
CASES = [
    ("CosineDecay", (0.1, 300), {}),
    ("CosineDecay", (0.1, 300, 0.05), {}),
    ("CosineDecay", (0.01, 300, 0.05), {"warmup_target": 0.2, "warmup_steps": 30}),
    ("CosineDecay", (0.01, 300), {"warmup_target": 0.2, "warmup_steps": 0}),
    ("CosineDecayRestarts", (0.1, 97), {}),
    ("CosineDecayRestarts", (0.1, 97), {"t_mul": 1.0, "m_mul": 0.9}),
    ("CosineDecayRestarts", (0.1, 97), {"t_mul": 1.5, "m_mul": 0.8, "alpha": 0.1}),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "arguments", "options"), CASES)
def test_equals_keras(name, arguments, options):
    """Row 68. Keras computes in float32: 1e-6 of the start's size."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras")
    theirs = getattr(keras.optimizers.schedules, name)(*arguments, **options)
    expected = np.asarray(jax.jit(jax.vmap(theirs))(STEPS))
    np.testing.assert_allclose(getattr(schedules, name)(*arguments, **options)(STEPS), expected, rtol=1e-6, atol=2e-7)


@pytest.mark.parametrize("t_mul", [1, 2, 3, 10])
def test_restarts_are_on_time(t_mul):
    """Row 68: period k ends after ``first (1 + t + ... + t^(k-1))`` steps, where the value is the top again."""
    restarts = 10 * np.cumsum([float(t_mul) ** k for k in range(6)])
    np.testing.assert_array_equal(CosineDecayRestarts(0.3, 10, t_mul=t_mul)(restarts), np.full(6, 0.3))
