"""Learning-rate schedules over the steps of a training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from lamina.checks import Number, check_value
from lamina.errors import InvalidParameter, UnknownName
from lamina.neural_network.steps import NAMED_SCHEDULES
from lamina.optimizers.schedules import LearningRateSchedule, as_schedule
from lamina.plotting.display import Display, Panel, dress, line_style


class ScheduleDisplay(Display):
    """Learning rates over steps or epochs, and the momentum that goes with them where a schedule has one.

    Parameters
    ----------
    names : sequence of str
        What the schedules are called.
    values : array of shape (n_schedules, n_steps)
        Learning rates at steps 0, 1, ...
    momentum : array of shape (n_schedules, n_steps), optional
        Momentum; NaN where a schedule leaves it alone.
    steps_per_epoch : int, optional
        Count in epochs instead of steps.

    Attributes
    ----------
    time : ndarray of shape (n_steps,)
        Steps or epochs.
    names, values, momentum, steps_per_epoch
        As given.
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.

    Examples
    --------
    >>> display = ScheduleDisplay.from_schedules("linear", total_steps=4, learning_rate=1.0)
    >>> display.values.tolist()
    [[1.0, 0.75, 0.5, 0.25]]
    """

    share_x: ClassVar[bool] = True

    def __init__(
        self, names: Sequence[str], values: Any, momentum: Any = None, steps_per_epoch: int | None = None
    ) -> None:
        self.names = list(names)
        self.values = np.asarray(values, dtype=float)
        self.momentum = None if momentum is None else np.asarray(momentum, dtype=float)
        self.steps_per_epoch = steps_per_epoch
        self.time = np.arange(self.values.shape[1]) / (steps_per_epoch or 1)

    @classmethod
    def from_schedules(
        cls, *schedules: Any, total_steps: int, learning_rate: float = 0.001, steps_per_epoch: int | None = None
    ) -> Self:
        """Evaluate schedules at every step of a training.

        Parameters
        ----------
        *schedules : str, LearningRateSchedule, callable or float
            The estimators' names "constant", "onecycle", "cosine", "exponential" and "linear"; objects of
            `lamina.optimizers.schedules`; functions of the step; numbers.
        total_steps : int
            Steps of the training.
        learning_rate : float, default=0.001
            For names: where the learning rate starts, or the maximum of "onecycle"; as `learning_rate_init`.
        steps_per_epoch : int, optional
            Count in epochs instead of steps.

        Returns
        -------
        ScheduleDisplay

        Raises
        ------
        UnknownName
            If there is no schedule of that name, or it follows the loss ("adaptive") or the rows ("invscaling").
        InvalidParameter
            If there is no schedule at all.
        """
        whole = Number(1, whole=True)
        check_value(cls.__name__, "total_steps", total_steps, whole)
        if steps_per_epoch is not None:
            check_value(cls.__name__, "steps_per_epoch", steps_per_epoch, whole)
        if not schedules:
            raise InvalidParameter('Expected at least one schedule, such as "onecycle". Received none.')
        planned = [_planned(schedule, learning_rate, total_steps) for schedule in schedules]
        momentum = [getattr(schedule, "momentum", None) for schedule in planned]
        return cls(
            [_name_of(schedule) for schedule in schedules],
            [_values(schedule, total_steps) for schedule in planned],
            [_values(np.nan if m is None else m, total_steps) for m in momentum] if any(momentum) else None,
            steps_per_epoch,
        )

    def _panels(self) -> Sequence[Panel]:
        return [self._draw_rates] if self.momentum is None else [self._draw_rates, self._draw_momentum]

    def _draw_rates(self, axes: Any) -> None:
        self._draw_curves(axes, self.values, "learning rate")

    def _draw_momentum(self, axes: Any) -> None:
        self._draw_curves(axes, np.asarray(self.momentum), "momentum")

    def _draw_curves(self, axes: Any, curves: np.ndarray, ylabel: str) -> None:
        for number, (name, curve) in enumerate(zip(self.names, curves, strict=True)):
            if np.isfinite(curve).any():
                axes.plot(self.time, curve, label=name, **line_style(number))
        dress(axes, "epoch" if self.steps_per_epoch else "step", ylabel, legend=True)


def _planned(schedule: Any, learning_rate: float, total_steps: int) -> Any:
    """A number, or a function that knows how long the training is."""
    if isinstance(schedule, str):
        if schedule not in NAMED_SCHEDULES:
            raise UnknownName.among("schedule", schedule, NAMED_SCHEDULES)
        schedule = NAMED_SCHEDULES[schedule](learning_rate, total_steps)
    return schedule.planned(total_steps) if isinstance(schedule, LearningRateSchedule) else schedule


def _values(schedule: Any, total_steps: int) -> np.ndarray:
    steps = np.arange(total_steps)[None]
    return as_schedule(schedule)(np.zeros((1, 1), int), steps)[0]


def _name_of(schedule: Any) -> str:
    """A name, that of an object or function, or what it is made of."""
    if isinstance(schedule, str):
        return schedule
    return str(getattr(schedule, "name", None) or getattr(schedule, "__name__", repr(schedule)))
