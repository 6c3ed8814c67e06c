"""A learning rate for each epoch."""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Callable
from typing import Any

from lamina.callbacks.base import Callback, Logs
from lamina.callbacks.rate import check_settable
from lamina.checks import Callable_, check_value
from lamina.errors import InvalidParameter


class LearningRateScheduler(Callback):
    """Ask a function for the learning rate before each epoch.

    Parameters
    ----------
    schedule : callable
        ``schedule(epoch)`` or ``schedule(epoch, learning_rate)``, with epochs from 0, gives a number.
    verbose : int, default=0
        1 prints every epoch's learning rate.

    Raises
    ------
    InvalidParameter
        The function gave something else than a number of at least 0, or the optimizer follows a schedule already.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> halve = LearningRateScheduler(lambda epoch, learning_rate: learning_rate / 2)
    >>> halve.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.1)))
    >>> halve.on_epoch_begin(0)
    >>> halve.model.optimizer.learning_rate
    0.05
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        self.schedule = check_value("LearningRateScheduler", "schedule", schedule, Callable_())
        self.verbose = verbose

    @property
    def needs(self) -> tuple[str, ...]:
        """An optimizer whose learning rate can be set."""
        return ("optimizer",)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Set the epoch's learning rate."""
        optimizer = self.model.optimizer
        check_settable(self, optimizer)
        rate: Any = self.schedule(epoch, float(optimizer.learning_rate)) if self._takes_rate() else self.schedule(epoch)
        if not isinstance(rate, numbers.Real) or not float(rate) >= 0:
            raise InvalidParameter(
                f"LearningRateScheduler expects schedule to give a number of at least 0. Received {rate!r} for epoch "
                f"{epoch}."
            )
        optimizer.learning_rate = float(rate)
        if self.verbose:
            print(f"Epoch {epoch + 1}: LearningRateScheduler setting learning rate to {float(rate)}.")

    def _takes_rate(self) -> bool:
        try:
            inspect.signature(self.schedule).bind(0, 0.0)
        except TypeError:
            return False
        return True
