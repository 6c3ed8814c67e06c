"""What the callbacks that watch one number share."""

from __future__ import annotations

import math
import warnings
from typing import Any

from lamina.callbacks.base import Callback, Logs
from lamina.checks import Name, Number, check_value
from lamina.errors import InvalidParameter
from lamina.losses import LOSS_CLASSES
from lamina.metrics import METRICS

#: names that stand for no metric by themselves
KNOWN = {"loss": False, "accuracy": True, "acc": True, "score": True, "crossentropy": False, "ce": False}


class Monitor(Callback):
    """A callback that watches one number of the logs for improvement.

    Parameters
    ----------
    monitor : str, default="val_loss"
        The number's name in the logs.
    min_delta : float, default=0
        A change of less is no improvement.
    mode : {"auto", "min", "max"}, default="auto"
        Whether less or more is better; "auto" knows the losses and metrics of lamina by name.
    """

    def __init__(self, monitor: str = "val_loss", min_delta: float = 0, mode: str = "auto") -> None:
        owner = type(self).__name__
        self.monitor = monitor
        self.min_delta = abs(check_value(owner, "min_delta", min_delta, Number(-math.inf)))
        self.mode = check_value(owner, "mode", mode, Name(("auto", "min", "max")))
        self.best: float | None = None

    def improves(self, value: float, on: float | None) -> bool:
        """Whether `value` is better than `on` by more than min_delta; anything is better than nothing."""
        if on is None:
            return True
        return value - self.min_delta > on if self.more_is_better else value + self.min_delta < on

    @property
    def more_is_better(self) -> bool:
        """What the mode says, or what is known of the name."""
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.removeprefix("val_").removeprefix("clean_")
        for metric in _metrics_of(self.model):
            if getattr(metric, "name", None) == name:
                return metric.greater_is_better
        if name in METRICS:
            return METRICS[name].greater_is_better
        if name in KNOWN or name in LOSS_CLASSES:
            return KNOWN.get(name, False)
        raise InvalidParameter(
            f'{type(self).__name__} does not know whether more or less of "{self.monitor}" is better. '
            'Pass mode="max" or mode="min".'
        )

    def current(self, logs: Logs | None) -> float | None:
        """The number, or None and a warning if the logs have it not."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            warnings.warn(
                f'{type(self).__name__} watches "{self.monitor}", which is not in the logs. They have: '
                f"{', '.join(logs or {})}. Pass validation data to fit, or watch another number.",
                stacklevel=4,
            )
        return value


def _metrics_of(model: Any) -> list[Any]:
    metrics = getattr(model, "metrics", None)
    return list(metrics) if isinstance(metrics, list | tuple) else []
