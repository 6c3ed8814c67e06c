"""AdaGrad."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import numpy as np
import optax

from lamina.checks import Number
from lamina.optimizers.base import Hyper, Optimizer


class Adagrad(Optimizer):
    """``s += g²; w -= learning_rate · g / sqrt(s + epsilon)``: steps shrink along steep directions.

    Parameters
    ----------
    learning_rate : float, schedule or callable, default=0.001
        Size of the steps; 0.01 to 1 are usual.
    initial_accumulator_value : float, default=0.1
        Where each s starts.
    epsilon : float, default=1e-7
        Keeps the divisor away from 0.
    **common
        As in `Optimizer`.

    References
    ----------
    Duchi, Hazan & Singer (2011), Adaptive subgradient methods for online learning and stochastic optimization.

    Examples
    --------
    >>> Adagrad(0.1)
    Adagrad(learning_rate=0.1)
    """

    traced: ClassVar[tuple[str, ...]] = ("initial_accumulator_value", "epsilon")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **common,
    ) -> None:
        super().__init__(learning_rate, **common)
        self.initial_accumulator_value = self.number("initial_accumulator_value", initial_accumulator_value, Number(0))
        self.epsilon = self.number("epsilon", epsilon, Number(0))

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        return optax.adagrad(hyper["learning_rate"], hyper["initial_accumulator_value"], hyper["epsilon"])

    def begin(self, params: Any) -> Any:
        return jax.tree.map(lambda s: np.full_like(s, self.initial_accumulator_value), super().begin(params))
