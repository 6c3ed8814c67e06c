"""What every callback is."""

from __future__ import annotations

from typing import Any


class Callback:
    """Three hooks around training; override those that are needed."""

    def on_fit_begin(self, info: dict[str, Any]) -> None:
        """Training starts; `info` has n_samples, max_epochs, n_parameters."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Epoch number `epoch` (from 1) is done; `logs` has loss, val_loss, val_score, learning_rate, seconds."""

    def on_fit_end(self, logs: dict[str, Any]) -> None:
        """Training has ended; `logs` has stop_reason."""
