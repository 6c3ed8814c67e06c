"""The learning rate as Keras' programs handle it: a number that knows where it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from lamina.optimizers.base import Optimizer


class LearningRate(float):
    """The learning rate of an optimizer: a float, and what Keras' variables offer besides.

    Examples
    --------
    >>> from lamina.optimizers import SGD
    >>> optimizer = SGD(0.1)
    >>> optimizer.learning_rate.assign(0.2)
    >>> optimizer.learning_rate, optimizer.learning_rate.numpy()
    (0.2, np.float32(0.2))
    """

    _owner: Optimizer

    @classmethod
    def of(cls, optimizer: Optimizer, value: float) -> LearningRate:
        """The learning rate `value` of an optimizer."""
        rate = cls(value)
        rate._owner = optimizer
        return rate

    def numpy(self) -> np.float32:
        """The number as Keras stores it."""
        return np.float32(self)

    def assign(self, value: Any) -> None:
        """Set the optimizer's learning rate."""
        self._owner.learning_rate = value
