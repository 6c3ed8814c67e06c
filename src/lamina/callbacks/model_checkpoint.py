"""Save the model as it trains."""

from __future__ import annotations

import os
from pathlib import Path

from lamina.callbacks.base import Logs
from lamina.callbacks.monitor import Monitor
from lamina.checks import Boolean, Name, check_value
from lamina.errors import InvalidParameter


class ModelCheckpoint(Monitor):
    """Save the model, or its weights, after every epoch or after the best ones.

    Parameters
    ----------
    filepath : str or path
        Where to. ``{epoch}`` (from 1) and the names of the logs are filled in, as in
        ``"{epoch:02d}-{val_loss:.2f}.lamina"``.
    monitor : str, default="val_loss"
        The name in the logs of the number that says which epoch is best.
    verbose : int, default=0
        1 prints what is saved and why.
    save_best_only : bool, default=False
        Whether to save only after epochs that are better than all before them.
    save_weights_only : bool, default=False
        Whether to call the model's `save_weights` and not its `save`.
    mode : {"auto", "min", "max"}, default="auto"
        Whether less or more is better; "auto" knows the losses and metrics of lamina by name.
    save_freq : {"epoch"}, default="epoch"
        When to save.
    initial_value_threshold : float, optional
        The best value so far, when a training goes on.

    Raises
    ------
    InvalidParameter
        A parameter is out of range, or the path names a number that is not in the logs.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> checkpoint = ModelCheckpoint("{epoch:02d}-{val_loss:.1f}.lamina", save_best_only=True)
    >>> checkpoint.set_model(SimpleNamespace(save=print))
    >>> for epoch, loss in enumerate([3.0, 4.0, 2.0]):
    ...     checkpoint.on_epoch_end(epoch, {"val_loss": loss})
    01-3.0.lamina
    03-2.0.lamina
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, 0, mode)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = check_value("ModelCheckpoint", "save_best_only", save_best_only, Boolean)
        self.save_weights_only = check_value("ModelCheckpoint", "save_weights_only", save_weights_only, Boolean)
        self.save_freq = check_value("ModelCheckpoint", "save_freq", save_freq, Name(("epoch",)))
        self.best = initial_value_threshold

    @property
    def needs(self) -> tuple[str, ...]:
        """The method that saves, and live weights: an estimator has its weights only when its fit is over."""
        return ("save_weights" if self.save_weights_only else "save", "set_weights")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save, if this epoch is to be saved."""
        path = self._path(epoch, logs or {})
        if self.save_best_only and not self._is_best(epoch, logs):
            return
        if self.verbose:
            print(f"Epoch {epoch + 1}: saving model to {path}")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        (self.model.save_weights if self.save_weights_only else self.model.save)(path)

    def _path(self, epoch: int, logs: Logs) -> str:
        try:
            return self.filepath.format(**{**logs, "epoch": epoch + 1})
        except KeyError as error:
            raise InvalidParameter(
                f'ModelCheckpoint cannot fill in the path "{self.filepath}": {error} is not in the logs. '
                f"Known: epoch, {', '.join(logs)}."
            ) from None

    def _is_best(self, epoch: int, logs: Logs | None) -> bool:
        """Whether the epoch is the best so far; one whose number is missing is saved all the same."""
        value = self.current(logs)
        if value is None:
            return True
        if not self.improves(value, self.best):
            if self.verbose:
                print(f"Epoch {epoch + 1}: {self.monitor} did not improve from {self.best:.5f}")
            return False
        self.best = value
        return True
