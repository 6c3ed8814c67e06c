"""Schedules: host functions of epoch and step."""

import numpy as np

from lamina.optimizers.schedules import constant, inverse_scaling

EPOCHS = np.arange(3)[:, None]
STEPS = EPOCHS * 4 + np.arange(4)


def test_constant():
    np.testing.assert_array_equal(constant(0.5)(EPOCHS, STEPS), np.full((3, 4), 0.5))


def test_inverse_scaling_counts_rows():
    values = inverse_scaling(1.0, 0.5, rows_per_epoch=8, rows_before=0, fresh=True)(EPOCHS, STEPS)
    np.testing.assert_allclose(values[:, 0], [1, 1 / 3, 1 / np.sqrt(17)])
    np.testing.assert_array_equal(values[:, 0], values[:, 3])


def test_a_fresh_optimizer_starts_at_the_full_rate():
    later = inverse_scaling(1.0, 0.5, rows_per_epoch=8, rows_before=8, fresh=True)(EPOCHS, STEPS)
    np.testing.assert_allclose(later[:, 0], [1, 1 / np.sqrt(17), 1 / 5])
