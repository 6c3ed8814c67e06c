"""Stochastic gradient descent with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
import optax

from lamina.optimizers.base import Hyper, Optimizer


@dataclass(frozen=True)
class SGD(Optimizer):
    """``v = momentum v - learning_rate g``; the weights move by v, or by ``momentum v - learning_rate g`` (Nesterov).

    The velocity holds the learning rate of its own step (scikit-learn's and Keras' definition), so a changed rate
    acts on new gradients only; Optax' ``sgd`` scales the whole velocity instead.
    """

    nesterov: bool = True
    hyper_names: ClassVar[tuple[str, ...]] = ("learning_rate", "momentum")

    def transform(self, hyper: Hyper) -> optax.GradientTransformation:
        rate, momentum = hyper["learning_rate"], hyper["momentum"]

        def init(params):
            return jax.tree.map(jnp.zeros_like, params)

        def update(grads, velocity, params=None):
            velocity = jax.tree.map(lambda v, g: momentum * v - rate * g, velocity, grads)
            if not self.nesterov:
                return velocity, velocity
            return jax.tree.map(lambda v, g: momentum * v - rate * g, velocity, grads), velocity

        return optax.GradientTransformation(init, update)
