"""scikit-learn's own verbose lines."""

from __future__ import annotations

from lamina.callbacks.base import Callback


class VerboseLines(Callback):
    """Print one line per epoch, one per validation score, and why training changes course or stops."""

    only_watches = True

    def __init__(self, tol: float, patience: float, on_score: bool, adaptive: bool) -> None:
        self.on_score = on_score
        self.adaptive = adaptive
        what = "Validation score" if on_score else "Training loss"
        self.no_improvement = f"{what} did not improve more than tol={tol:f} for {patience:g} consecutive epochs."
        self.epochs = 0
        self.learning_rate: float | None = None

    def on_epoch_end(self, epoch, logs=None):
        self._tell_learning_rate(logs["learning_rate"])
        self.epochs += 1
        print(f"Iteration {self.epochs}, loss = {logs['loss']:.8f}")
        if self.on_score:
            print(f"Validation score: {logs['val_score']:f}")

    def on_train_end(self, logs=None):
        self._tell_learning_rate(logs["learning_rate"])
        if logs["stop_reason"]:
            print(f"{logs['stop_reason']} Stopping.")

    def _tell_learning_rate(self, learning_rate: float) -> None:
        """Say that an adaptive learning rate has fallen since the last epoch."""
        if self.adaptive and self.learning_rate is not None and learning_rate < 0.9 * self.learning_rate:
            print(f"{self.no_improvement} Setting learning rate to {learning_rate:f}")
        self.learning_rate = learning_rate
