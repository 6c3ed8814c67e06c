"""Adam."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import optax

from lamina.checks import Number, check_value
from lamina.optimizers.base import Hyper, Optimizer


class AdamState(NamedTuple):
    """Number of updates so far, and the running means of g and g²."""

    steps: jax.Array
    mean: dict
    square: dict


class Adam(Optimizer):
    """``w -= learning_rate sqrt(1 - beta_2^t) / (1 - beta_1^t) · m / (sqrt(v) + epsilon)`` (Kingma & Ba, 2014).

    This is the paper's "epsilon hat" form, which scikit-learn and Keras use; Optax' ``adam`` adds epsilon to the
    bias-corrected root instead.
    """

    traced: ClassVar[tuple[str, ...]] = (*Optimizer.traced, "beta_1", "beta_2", "epsilon")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **common,
    ) -> None:
        super().__init__(learning_rate, **common)
        self.beta_1 = check_value("Adam", "beta_1", beta_1, Number(0, 1, open_high=True))
        self.beta_2 = check_value("Adam", "beta_2", beta_2, Number(0, 1, open_high=True))
        self.epsilon = check_value("Adam", "epsilon", epsilon, Number(0))

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        beta_1, beta_2 = hyper["beta_1"], hyper["beta_2"]

        def init(params):
            return AdamState(
                jnp.zeros((), jnp.int32), jax.tree.map(jnp.zeros_like, params), jax.tree.map(jnp.zeros_like, params)
            )

        def update(grads, state, params=None):
            count = state.steps + 1
            t = count.astype(beta_1.dtype)
            rate = hyper["learning_rate"] * jnp.sqrt(1 - beta_2**t) / (1 - beta_1**t)
            mean = jax.tree.map(lambda m, g: beta_1 * m + (1 - beta_1) * g, state.mean, grads)
            square = jax.tree.map(lambda v, g: beta_2 * v + (1 - beta_2) * g * g, state.square, grads)
            updates = jax.tree.map(lambda m, v: -rate * m / (jnp.sqrt(v) + hyper["epsilon"]), mean, square)
            return updates, AdamState(count, mean, square)

        return optax.GradientTransformation(init, update)
