"""The training loss as it is without noise."""

from __future__ import annotations

from typing import Any

from lamina.callbacks.base import Callback, Logs


class CleanLoss(Callback):
    """After every epoch, measure the loss on given rows with dropout off, as validation does: ``clean_loss``.

    The loss of an epoch is a mean over its batches, with dropout on and while the weights still move, so it says little
    beside a validation loss. This one is what ``model.evaluate(x, y)`` gives at the end of the epoch; the metrics come
    with it, as ``clean_accuracy`` and the like (an estimator's as ``clean_score``). Callbacks after this one, and the
    history, have the numbers. Each epoch costs one more pass over the rows.

    Parameters
    ----------
    x, y : array-like
        The training rows, or any others.
    sample_weight : array-like of shape (n_samples,), optional
        Their weights.

    Examples
    --------
    >>> import numpy as np
    >>> from lamina import Sequential
    >>> from lamina.layers import Dense, Dropout
    >>> model = Sequential([Dropout(0.5, input_shape=(3,)), Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> X, y = np.eye(3), np.ones(3)
    >>> model.fit(X, y, callbacks=[CleanLoss(X, y)], verbose=0).history["clean_loss"] == [model.evaluate(X, y)]
    True
    """

    def __init__(self, x: Any, y: Any, sample_weight: Any = None) -> None:
        self.x = x
        self.y = y
        self.sample_weight = sample_weight

    @property
    def needs(self) -> tuple[str, ...]:
        """What measures."""
        return ("evaluate",)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Add the numbers to the logs."""
        numbers = self.model.evaluate(self.x, self.y, sample_weight=self.sample_weight, return_dict=True)
        if logs is not None:
            logs.update({f"clean_{name}": value for name, value in numbers.items()})
