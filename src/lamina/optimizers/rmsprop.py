"""RMSProp."""

from __future__ import annotations

from typing import Any, ClassVar

import optax

from lamina.checks import Boolean, Number, check_value
from lamina.optimizers.base import Hyper, Optimizer


class RMSprop(Optimizer):
    """``s = rho s + (1 - rho) g²; w -= learning_rate · g / sqrt(s + epsilon)``, with momentum on the whole step.

    Epsilon is inside the root, as in Keras; PyTorch adds it to the root.

    Parameters
    ----------
    learning_rate : float, schedule or callable, default=0.001
        Size of the steps.
    rho : float, default=0.9
        Share of the old mean square in each new one.
    momentum : float, default=0.0
        Share of the last step that each step adds. With 0 none is kept.
    epsilon : float, default=1e-7
        Keeps the divisor away from 0.
    centered : bool, default=False
        Divide by the standard deviation of the gradients in place of their root mean square.
    **common
        As in `Optimizer`.

    References
    ----------
    Tieleman & Hinton (2012), Lecture 6.5: RMSProp. Coursera, Neural networks for machine learning.

    Examples
    --------
    >>> RMSprop(rho=0.95)
    RMSprop(rho=0.95)
    """

    traced: ClassVar[tuple[str, ...]] = ("rho", "momentum", "epsilon")
    momentum_name = "momentum"

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **common,
    ) -> None:
        super().__init__(learning_rate, **common)
        self.rho = self.number("rho", rho, Number(0, 1))
        self.momentum = self.number("momentum", momentum, Number(0, 1))
        self.epsilon = self.number("epsilon", epsilon, Number(0))
        self.centered = check_value("RMSprop", "centered", centered, Boolean)

    def idle(self) -> tuple[str, ...]:
        return (*super().idle(), "momentum") if self.momentum == 0 else super().idle()

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        return optax.rmsprop(
            hyper["learning_rate"],
            decay=hyper["rho"],
            eps=hyper["epsilon"],
            centered=self.centered,
            momentum=hyper.get("momentum"),
        )
