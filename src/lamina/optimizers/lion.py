"""Lion."""

from __future__ import annotations

from typing import Any, ClassVar

import optax

from lamina.checks import Number
from lamina.optimizers.base import Hyper, Optimizer


class Lion(Optimizer):
    """``w -= learning_rate · sign(beta_1 m + (1 - beta_1) g); m = beta_2 m + (1 - beta_2) g``.

    Every weight moves by the whole learning rate, so take a third to a tenth of Adam's.

    Parameters
    ----------
    learning_rate : float, schedule or callable, default=0.001
        Size of the steps.
    beta_1 : float, default=0.9
        Share of the mean gradient m in the direction of the step, above 0.
    beta_2 : float, default=0.99
        Share of the old mean gradient in each new one.
    **common
        As in `Optimizer`.

    References
    ----------
    Chen et al. (2023), Symbolic discovery of optimization algorithms.

    Examples
    --------
    >>> Lion(1e-4, weight_decay=0.1)
    Lion(learning_rate=0.0001, weight_decay=0.1)
    """

    traced: ClassVar[tuple[str, ...]] = ("beta_1", "beta_2")
    momentum_name = "beta_1"

    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.99, **common) -> None:
        super().__init__(learning_rate, **common)
        self.beta_1 = self.number("beta_1", beta_1, Number(0, 1, open_low=True))
        self.beta_2 = self.number("beta_2", beta_2, Number(0, 1))

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        return optax.chain(
            optax.scale_by_lion(hyper["beta_1"], hyper["beta_2"]), optax.scale_by_learning_rate(hyper["learning_rate"])
        )
