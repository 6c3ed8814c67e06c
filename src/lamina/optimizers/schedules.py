"""Schedules: functions of the step that are evaluated on the host, so that none of them ever recompiles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# (epochs of shape (n_epochs, 1), steps of shape (n_epochs, n_steps)) -> values of shape (n_epochs, n_steps)
Schedule = Callable[[np.ndarray, np.ndarray], np.ndarray]


def constant(value: float) -> Schedule:
    """The same value at every step."""
    return lambda epochs, steps: np.full(steps.shape, value)


def inverse_scaling(value: float, power: float, rows_per_epoch: int, rows_before: int, fresh: bool) -> Schedule:
    """scikit-learn's "invscaling": ``value / (t + 1)^power`` with t the rows seen up to the epoch's start.

    ``rows_before`` counts the rows of earlier fits; a fresh optimizer takes `value` itself in its first epoch.
    """

    def schedule(epochs: np.ndarray, steps: np.ndarray) -> np.ndarray:
        seen = rows_before + epochs * rows_per_epoch
        decayed = value / (seen + 1.0) ** power
        return np.broadcast_to(np.where((epochs == 0) & fresh, value, decayed), steps.shape)

    return schedule
