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
    """

    traced: ClassVar[tuple[str, ...]] = (*Optimizer.traced, "momentum")

    def __init__(self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, **common) -> None:
        super().__init__(learning_rate, **common)
        self.momentum = check_value("SGD", "momentum", momentum, Number(0, 1))
        self.nesterov = check_value("SGD", "nesterov", nesterov, Boolean)

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        rate, momentum = hyper["learning_rate"], hyper["momentum"]

        def init(params):
            return jax.tree.map(jnp.zeros_like, params)

        def update(grads, velocity, params=None):
            velocity = jax.tree.map(lambda v, g: momentum * v - rate * g, velocity, grads)
            if not self.nesterov:
                return velocity, velocity
            return jax.tree.map(lambda v, g: momentum * v - rate * g, velocity, grads), velocity

        return optax.GradientTransformation(init, update)
