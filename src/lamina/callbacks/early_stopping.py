"""Stop when nothing improves."""

from __future__ import annotations

from typing import Any

from lamina.callbacks.base import Logs
from lamina.callbacks.monitor import Monitor
from lamina.checks import Boolean, Number, check_value


class EarlyStopping(Monitor):
    """Stop the training when a number has not improved for some epochs.

    Parameters
    ----------
    monitor : str, default="val_loss"
        The number's name in the logs.
    min_delta : float, default=0
        A change of less is no improvement.
    patience : int, default=0
        How many epochs in a row may pass without improvement.
    verbose : int, default=0
        1 prints when and why.
    mode : {"auto", "min", "max"}, default="auto"
        Whether less or more is better; "auto" knows the losses and metrics of lamina by name.
    baseline : float, optional
        Epochs that are not better than this do not count as improvements.
    restore_best_weights : bool, default=False
        Whether the weights of the best epoch come back at the end, also of a training that was not stopped early. By
        default those of the last epoch stay, as in Keras.
    start_from_epoch : int, default=0
        How many epochs to wait before watching.

    Raises
    ------
    InvalidParameter
        A parameter is out of range, the model has no weights to restore, or it is not known which way is better.

    References
    ----------
    Prechelt, Early stopping - but when? (1998).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> stopping = EarlyStopping(patience=2)
    >>> stopping.set_model(SimpleNamespace(stop_training=False))
    >>> stopping.on_train_begin()
    >>> for epoch, loss in enumerate([3.0, 2.0, 2.5, 2.4]):
    ...     stopping.on_epoch_end(epoch, {"val_loss": loss})
    >>> stopping.model.stop_training, stopping.best_epoch
    (True, 1)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, min_delta, mode)
        owner = "EarlyStopping"
        self.patience = check_value(owner, "patience", patience, Number(0, whole=True))
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = check_value(owner, "restore_best_weights", restore_best_weights, Boolean)
        self.start_from_epoch = check_value(owner, "start_from_epoch", start_from_epoch, Number(0, whole=True))

    @property
    def needs(self) -> tuple[str, ...]:
        """Weights, if they are to be restored."""
        return ("get_weights", "set_weights") if self.restore_best_weights else ()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start anew, so that one object serves several trainings."""
        self.best = None
        self.best_epoch = self.wait = self.stopped_epoch = 0
        self.best_weights: list[Any] | None = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Keep the best weights, and stop when patience is used up."""
        value = self.current(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self.restore_best_weights and self.best_weights is None:
            self._keep(epoch)
        if self.improves(value, self.best):
            self.best = value
            self._keep(epoch)
            if self.baseline is None or self.improves(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Bring the best weights back."""
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)
