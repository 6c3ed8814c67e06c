"""Labels that are not quite certain."""

from __future__ import annotations

from typing import ClassVar

from lamina.checks import Number, check_value
from lamina.losses.base import Loss


def smoothed(y, label_smoothing, n_classes: int):
    """Targets of which a share is spread evenly over the classes: ``(1 - share) y + share / n_classes``.

    >>> smoothed(1.0, 0.2, 4)
    0.8500000000000001
    """
    return y * (1 - label_smoothing) + label_smoothing / n_classes


class Smoothed(Loss):
    """A loss of smoothed targets, also for a loss that knows nothing of smoothing.

    Parameters
    ----------
    loss : Loss
        The loss, whose link stays.
    label_smoothing : float
        The share of every target that is spread evenly, from 0 to 1.
    n_classes : int
        Over how many classes; 2 where each output is a yes or no.

    References
    ----------
    Szegedy et al., Rethinking the Inception architecture for computer vision (2016).

    Examples
    --------
    >>> import numpy as np
    >>> from lamina.losses import LOSSES
    >>> round(float(Smoothed(LOSSES["log_loss"], 0.2, 2).per_row(np.array([[0.0, 1.0]]), np.log([[0.25, 0.75]]))[0]), 6)
    0.397543
    """

    traced: ClassVar[tuple[str, ...]] = ("label_smoothing",)

    def __init__(self, loss: Loss, label_smoothing: float, n_classes: int) -> None:
        super().__init__(name=loss.name)
        self.loss = loss
        self.label_smoothing = check_value("Smoothed", "label_smoothing", label_smoothing, Number(0, 1))
        self.n_classes = n_classes
        self.link = loss.link

    def call(self, y_true, y_pred):
        return self.loss.values(smoothed(y_true, self.label_smoothing, self.n_classes), y_pred)
