"""Stop when the loss is no number."""

from __future__ import annotations

import math

from lamina.callbacks.base import Callback, Logs


class TerminateOnNaN(Callback):
    """Stop the training after an epoch whose loss is NaN or infinite.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> callback = TerminateOnNaN()
    >>> callback.set_model(SimpleNamespace(stop_training=False))
    >>> callback.on_epoch_end(0, {"loss": float("nan")})
    Epoch 1: the loss is nan, terminating training
    >>> callback.model.stop_training
    True
    """

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Look at the loss."""
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            print(f"Epoch {epoch + 1}: the loss is {loss}, terminating training")
            self.model.stop_training = True
