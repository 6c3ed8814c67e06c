"""Schedules that go down: exponential, stepwise, polynomial, and by the inverse of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.checks import Boolean, Number, check_value
from lamina.errors import InvalidParameter
from lamina.optimizers.schedules.base import LearningRateSchedule, Schedule

_ABOVE_0 = Number(0, open_low=True)


class ExponentialDecay(LearningRateSchedule):
    """``initial_learning_rate · decay_rate^(step / decay_steps)``.

    Parameters
    ----------
    initial_learning_rate : float
        Value at step 0.
    decay_steps : float
        Steps after which the value has been multiplied by `decay_rate` once.
    decay_rate : float
        That factor.
    staircase : bool, default=False
        Round ``step / decay_steps`` down, so that the value falls in stairs.
    name : str, optional
        A name for it.

    Examples
    --------
    >>> ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)(np.array([0, 10, 20])).tolist()
    [0.1, 0.05, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = None,
    ) -> None:
        owner = type(self).__name__
        self.initial_learning_rate = check_value(owner, "initial_learning_rate", initial_learning_rate, Number(0))
        self.decay_steps = check_value(owner, "decay_steps", decay_steps, _ABOVE_0)
        self.decay_rate = check_value(owner, "decay_rate", decay_rate, Number(0))
        self.staircase = check_value(owner, "staircase", staircase, Boolean)
        self.name = name

    def __call__(self, step: Any) -> Any:
        return self.initial_learning_rate * self.decay_rate ** self._periods(step)

    def _periods(self, step: Any) -> Any:
        """How many times `decay_steps` have passed."""
        periods = np.asarray(step) / self.decay_steps
        return np.floor(periods) if self.staircase else periods


class InverseTimeDecay(ExponentialDecay):
    """``initial_learning_rate / (1 + decay_rate · step / decay_steps)``.

    Parameters
    ----------
    initial_learning_rate : float
        Value at step 0.
    decay_steps : float
        Steps after which the divisor has grown by `decay_rate` once.
    decay_rate : float
        That growth.
    staircase : bool, default=False
        Round ``step / decay_steps`` down, so that the value falls in stairs.
    name : str, optional
        A name for it.

    Examples
    --------
    >>> InverseTimeDecay(0.1, decay_steps=10, decay_rate=1)(np.array([0, 10, 30])).tolist()
    [0.1, 0.05, 0.025]
    """

    def __call__(self, step: Any) -> Any:
        return self.initial_learning_rate / (1 + self.decay_rate * self._periods(step))


class Power(LearningRateSchedule):
    """``initial_learning_rate / (1 + step / decay_steps)^power``: power scheduling.

    With ``power=1`` this is `InverseTimeDecay` with a decay rate of 1.

    Parameters
    ----------
    initial_learning_rate : float
        Value at step 0.
    decay_steps : float
        Steps after which the value is ``initial_learning_rate / 2^power``.
    power : float, default=1.0
        The exponent.
    name : str, optional
        A name for it.

    Examples
    --------
    >>> Power(0.1, decay_steps=10, power=2)(np.array([0, 10])).tolist()
    [0.1, 0.025]
    """

    def __init__(
        self, initial_learning_rate: float, decay_steps: float, power: float = 1.0, name: str | None = None
    ) -> None:
        self.initial_learning_rate = check_value("Power", "initial_learning_rate", initial_learning_rate, Number(0))
        self.decay_steps = check_value("Power", "decay_steps", decay_steps, _ABOVE_0)
        self.power = check_value("Power", "power", power, Number(0))
        self.name = name

    def __call__(self, step: Any) -> Any:
        return self.initial_learning_rate / (1 + np.asarray(step) / self.decay_steps) ** self.power


class PiecewiseConstantDecay(LearningRateSchedule):
    """``values[0]`` up to and including step ``boundaries[0]``, ``values[1]`` up to ``boundaries[1]``, and so on.

    Parameters
    ----------
    boundaries : sequence of float
        The last steps of all pieces but the last; increasing.
    values : sequence of float
        The value of each piece, one more than there are boundaries.
    name : str, optional
        A name for it.

    Examples
    --------
    >>> PiecewiseConstantDecay([2, 4], [0.1, 0.01, 0.001])(np.arange(6)).tolist()
    [0.1, 0.1, 0.1, 0.01, 0.01, 0.001]
    """

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str | None = None) -> None:
        if len(values) != len(boundaries) + 1:
            raise InvalidParameter(
                "PiecewiseConstantDecay expects one value more than there are boundaries. "
                f"Received {len(boundaries)} boundaries and {len(values)} values."
            )
        if np.any(np.diff(boundaries) <= 0):
            raise InvalidParameter(f"PiecewiseConstantDecay expects increasing boundaries. Received {boundaries!r}.")
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> Any:
        return np.asarray(self.values)[np.searchsorted(self.boundaries, step)]


class PolynomialDecay(LearningRateSchedule):
    """``(initial - end) · (1 - step / decay_steps)^power + end``, and `end` after `decay_steps`.

    Parameters
    ----------
    initial_learning_rate : float
        Value at step 0.
    decay_steps : float
        Steps until the end is reached.
    end_learning_rate : float, default=0.0001
        The end.
    power : float, default=1.0
        The exponent; 1 goes down in a straight line.
    cycle : bool, default=False
        Go on by stretching `decay_steps` to the next multiple of itself, so that the value jumps up after each.
    name : str, optional
        A name for it.

    Examples
    --------
    >>> PolynomialDecay(1.0, decay_steps=4, end_learning_rate=0.0)(np.array([0, 1, 4, 9])).tolist()
    [1.0, 0.75, 0.0, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str | None = None,
    ) -> None:
        owner = type(self).__name__
        self.initial_learning_rate = check_value(owner, "initial_learning_rate", initial_learning_rate, Number(0))
        self.decay_steps = check_value(owner, "decay_steps", decay_steps, _ABOVE_0)
        self.end_learning_rate = check_value(owner, "end_learning_rate", end_learning_rate, Number(0))
        self.power = check_value(owner, "power", power, Number(0))
        self.cycle = check_value(owner, "cycle", cycle, Boolean)
        self.name = name

    def __call__(self, step: Any) -> Any:
        periods = np.asarray(step) / self.decay_steps
        passed = periods / np.maximum(np.ceil(periods), 1) if self.cycle else np.minimum(periods, 1)
        return (self.initial_learning_rate - self.end_learning_rate) * (
            1 - passed
        ) ** self.power + self.end_learning_rate


def inverse_scaling(value: float, power: float, rows_per_epoch: int, rows_before: int, fresh: bool) -> Schedule:
    """scikit-learn's "invscaling": ``value / (t + 1)^power`` with t the rows seen up to the epoch's start.

    ``rows_before`` counts the rows of earlier fits; a fresh optimizer takes `value` itself in its first epoch.
    """

    def schedule(epochs: np.ndarray, steps: np.ndarray) -> np.ndarray:
        seen = rows_before + epochs * rows_per_epoch
        decayed = value / (seen + 1.0) ** power
        return np.broadcast_to(np.where((epochs == 0) & fresh, value, decayed), steps.shape)

    return schedule
