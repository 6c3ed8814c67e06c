"""What happened in each epoch, for `model.fit` to return."""

from __future__ import annotations

from lamina.callbacks.base import Callback, Logs


class History(Callback):
    """The logs of every epoch.

    Attributes
    ----------
    history : dict of str to list
        A list for each number of the logs.
    epoch : list of int
        The epochs' numbers, from 0.
    params : dict
        Facts about the training.

    Examples
    --------
    >>> history = History()
    >>> history.on_train_begin()
    >>> history.on_epoch_end(0, {"loss": 0.5, "accuracy": 0.75})
    >>> history.history, history.epoch
    ({'loss': [0.5], 'accuracy': [0.75]}, [0])
    """

    only_watches = True

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start anew."""
        self.history, self.epoch = {}, []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Add an epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            if name != "seconds":
                self.history.setdefault(name, []).append(value)
