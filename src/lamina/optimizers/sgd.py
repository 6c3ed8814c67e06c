"""Stochastic gradient descent with momentum."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import optax

from lamina.checks import Boolean, Number, check_value
from lamina.optimizers.base import Hyper, Optimizer


class SGD(Optimizer):
    """``v = momentum v - learning_rate g``; the weights move by v, or by ``momentum v - learning_rate g`` (Nesterov).

    The velocity holds the learning rate of its own step (scikit-learn's and Keras' definition), so a changed rate
    acts on new gradients only; Optax' ``sgd`` scales the whole velocity instead.

    Parameters
    ----------
    learning_rate : float, schedule or callable, default=0.01
        Size of the steps.
    momentum : float, default=0.0
        Share of the velocity that each step keeps, from 0 to 1. With 0 there is no velocity.
    nesterov : bool, default=False
        Look ahead along the velocity.
    **common
        As in `Optimizer`.

    References
    ----------
    Sutskever et al. (2013), On the importance of initialization and momentum in deep learning.

    Examples
    --------
    >>> SGD(0.1, momentum=0.9, nesterov=True)
    SGD(learning_rate=0.1, momentum=0.9, nesterov=True)
    """

    traced: ClassVar[tuple[str, ...]] = ("momentum",)
    momentum_name = "momentum"

    def __init__(self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, **common) -> None:
        super().__init__(learning_rate, **common)
        self.momentum = self.number("momentum", momentum, Number(0, 1))
        self.nesterov = check_value(type(self).__name__, "nesterov", nesterov, Boolean)

    def idle(self) -> tuple[str, ...]:
        return (*super().idle(), "momentum") if self.momentum == 0 else super().idle()

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        rate = hyper["learning_rate"]
        if "momentum" not in hyper:
            return optax.scale_by_learning_rate(rate)
        momentum = hyper["momentum"]

        def init(params):
            return jax.tree.map(jnp.zeros_like, params)

        def update(grads, velocity, params=None):
            velocity = jax.tree.map(lambda v, g: momentum * v - rate * g, velocity, grads)
            if not self.nesterov:
                return velocity, velocity
            return jax.tree.map(lambda v, g: momentum * v - rate * g, velocity, grads), velocity

        return optax.GradientTransformation(init, update)
