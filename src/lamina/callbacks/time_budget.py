"""Stop when the time is spent."""

from __future__ import annotations

import time

from lamina.callbacks.base import Callback, Logs
from lamina.checks import Number, check_value


class TimeBudget(Callback):
    """Stop the training before the epoch that would not fit into a number of seconds.

    An epoch is expected to take as long as the one before it. The first one, in which the program may be compiled, says
    nothing of the second, which begins if any time is left. A budget is thus exceeded by less than one epoch.

    Parameters
    ----------
    seconds : float
        How long the training may take, from its beginning. Above 0.

    Attributes
    ----------
    stop_reason : str or None
        What became of the budget, once it has ended a training.

    Raises
    ------
    InvalidParameter
        If `seconds` is not a number above 0.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> budget = TimeBudget(seconds=1e-9)
    >>> budget.set_model(SimpleNamespace(stop_training=False))
    >>> budget.on_train_begin()
    >>> budget.on_epoch_end(0)
    >>> budget.model.stop_training
    True
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = check_value("TimeBudget", "seconds", seconds, Number(0, open_low=True))

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start the clock."""
        self.started, self.stop_reason = time.perf_counter(), None
        self.ended: float | None = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Stop if the next epoch is expected to end too late."""
        now = time.perf_counter()
        expected = 0.0 if self.ended is None else now - self.ended
        spent, self.ended = now - self.started, now
        if spent + expected >= self.seconds:
            self.model.stop_training = True
            self.stop_reason = (
                f"The time budget of {self.seconds:g} s has no room for another epoch: {spent:.3g} s are spent."
            )
