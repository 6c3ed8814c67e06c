"""What every schedule is, and how numbers, schedule objects and functions of the step become one thing."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from lamina.errors import InvalidParameter
from lamina.recipe import Recipe

# (epochs of shape (n_epochs, 1), steps of shape (n_epochs, n_steps)) -> values of shape (n_epochs, n_steps)
Schedule = Callable[[np.ndarray, np.ndarray], np.ndarray]


class LearningRateSchedule(Recipe):
    """A value that depends on the step: the learning rate, or any other number of an optimizer.

    A subclass defines ``__call__(self, step)`` with NumPy; `step` is the number of steps before this one, as an array
    or a whole number. A call that fails on an array is repeated step by step.

    Examples
    --------
    >>> class Halving(LearningRateSchedule):
    ...     def __init__(self, start):
    ...         self.start = start
    ...
    ...     def __call__(self, step):
    ...         return self.start / 2.0**step
    >>> Halving(1.0)(np.arange(3)).tolist()
    [1.0, 0.5, 0.25]
    """

    labels: ClassVar[tuple[str, ...]] = ("name",)
    #: the schedule that momentum follows beside this one, where there is one
    momentum: LearningRateSchedule | None = None

    def __call__(self, step: Any) -> Any:
        """The value at `step`, or at each of an array of steps."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, step).")

    def planned(self, total_steps: int) -> LearningRateSchedule:
        """The schedule for a training of `total_steps` steps; itself, unless it waits to be told."""
        return self


def as_schedule(value: Any, total_steps: int | None = None) -> Schedule:
    """A number, a schedule object, a function of the step or one without arguments, in the engine's form.

    Parameters
    ----------
    value : float, LearningRateSchedule or callable
        What the value shall be.
    total_steps : int, optional
        The planned number of steps, for schedules that stretch over the whole training.

    Examples
    --------
    >>> epochs, steps = np.array([[0], [1]]), np.array([[0, 1], [2, 3]])
    >>> as_schedule(lambda step: 0.1 if step < 3 else 0.01)(epochs, steps).tolist()
    [[0.1, 0.1], [0.1, 0.01]]
    """
    if isinstance(value, LearningRateSchedule) and total_steps is not None:
        value = value.planned(total_steps)
    if not callable(value):
        return constant(value)
    if _takes_nothing(value):  # asked once for all the steps of a dispatch
        return lambda epochs, steps: np.full(steps.shape, _number(value, value(), steps.flat[0]))
    return lambda epochs, steps: _values_at(value, steps)


def constant(value: float) -> Schedule:
    """The same value at every step."""
    return lambda epochs, steps: np.full(steps.shape, value)


def _values_at(function: Callable[[Any], Any], steps: np.ndarray) -> np.ndarray:
    """`function` at every step: at all of them at once where it can take arrays, else one by one."""
    try:
        values = np.asarray(function(steps), float)
    except InvalidParameter:
        raise
    except Exception:  # a function of plain numbers may fail on an array in any way
        values = np.empty(0)
    if values.shape == steps.shape:
        return values
    return np.array([_number(function, function(step), step) for step in steps.ravel().tolist()]).reshape(steps.shape)


def _takes_nothing(function: Callable[..., Any]) -> bool:
    """Whether a function has no parameter for the step."""
    try:
        return not inspect.signature(function).parameters
    except ValueError:  # a function of C without a signature
        return False


def _number(function: Callable[..., Any], value: Any, step: int) -> float:
    """What a function gave for a step, if it is a number."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InvalidParameter(
            f"A schedule must return a number. {function!r} returned {value!r} at step {step}."
        ) from None
