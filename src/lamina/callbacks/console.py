"""scikit-learn's own verbose lines."""

from __future__ import annotations

from lamina.callbacks.base import Callback


class VerboseLines(Callback):
    """Print one line per epoch, one per validation score, and why training changes course or stops."""

    def __init__(self, tol: float, patience: float, on_score: bool) -> None:
        self.on_score = on_score
        what = "Validation score" if on_score else "Training loss"
        self.no_improvement = f"{what} did not improve more than tol={tol:f} for {patience:g} consecutive epochs."
        self.epochs = 0
        self.factor = 1.0

    def on_epoch_end(self, epoch, logs):
        self.epochs += 1
        print(f"Iteration {self.epochs}, loss = {logs['loss']:.8f}")
        if self.on_score:
            print(f"Validation score: {logs['val_score']:f}")
        if logs["rate"] < self.factor:
            self.factor = logs["rate"]
            print(f"{self.no_improvement} Setting learning rate to {logs['learning_rate'] / 5:f}")

    def on_fit_end(self, logs):
        if logs.get("stop_reason"):
            print(f"{logs['stop_reason']} Stopping.")
