"""Smaller steps when nothing improves."""

from __future__ import annotations

from lamina.callbacks.base import Logs
from lamina.callbacks.monitor import Monitor
from lamina.callbacks.rate import check_settable
from lamina.checks import Number, check_value


class ReduceLROnPlateau(Monitor):
    """Multiply the learning rate by `factor` when a number has not improved for some epochs.

    Parameters
    ----------
    monitor : str, default="val_loss"
        The number's name in the logs.
    factor : float, default=0.1
        What the learning rate is multiplied by, above 0 and below 1.
    patience : int, default=10
        After how many epochs in a row without improvement.
    verbose : int, default=0
        1 prints every change.
    mode : {"auto", "min", "max"}, default="auto"
        Whether less or more is better; "auto" knows the losses and metrics of lamina by name.
    min_delta : float, default=1e-4
        A change of less is no improvement.
    cooldown : int, default=0
        How many epochs to wait after a change before counting again.
    min_lr : float, default=0.0
        The least learning rate.

    Raises
    ------
    InvalidParameter
        A parameter is out of range, or the optimizer follows a schedule.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> reduce = ReduceLROnPlateau(factor=0.5, patience=1)
    >>> reduce.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.1)))
    >>> reduce.on_train_begin()
    >>> for epoch, loss in enumerate([3.0, 3.0, 2.0]):
    ...     reduce.on_epoch_end(epoch, {"val_loss": loss})
    >>> reduce.model.optimizer.learning_rate
    0.05
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, min_delta, mode)
        owner = "ReduceLROnPlateau"
        self.factor = check_value(owner, "factor", factor, Number(0, 1, open_low=True, open_high=True))
        self.patience = check_value(owner, "patience", patience, Number(0, whole=True))
        self.verbose = verbose
        self.cooldown = check_value(owner, "cooldown", cooldown, Number(0, whole=True))
        self.min_lr = check_value(owner, "min_lr", min_lr, Number(0))

    @property
    def needs(self) -> tuple[str, ...]:
        """An optimizer whose learning rate can be set."""
        return ("optimizer",)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start anew, so that one object serves several trainings."""
        check_settable(self, self.model.optimizer)
        self.best = None
        self.cooldown_counter = self.wait = 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Count epochs without improvement, and reduce."""
        value = self.current(logs)
        if value is None:
            return
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.improves(value, self.best):
            self.best, self.wait = value, 0
        elif not self.cooldown_counter:
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def _reduce(self, epoch: int) -> None:
        optimizer = self.model.optimizer
        if optimizer.learning_rate <= self.min_lr:
            return
        optimizer.learning_rate = max(optimizer.learning_rate * self.factor, self.min_lr)
        self.cooldown_counter, self.wait = self.cooldown, 0
        if self.verbose:
            print(f"Epoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {optimizer.learning_rate}.")
