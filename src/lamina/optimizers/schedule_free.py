"""Adam that needs no schedule of the learning rate."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lamina.checks import Number, check_value
from lamina.optimizers.adam import AdamLike
from lamina.optimizers.around import Multiplied
from lamina.optimizers.base import Hyper


class ScheduleFreeState(NamedTuple):
    """Number of updates so far, the points z, the running mean of g², and the beta_1 that mixed the weights."""

    steps: Any
    point: Any
    square: Any
    beta_1: Any


class ScheduleFreeAdam(AdamLike):
    """Adam whose momentum is an average over all steps, so that the learning rate need not decay.

    ``z -= learning_rate · g / (sqrt(v / (1 - beta_2^t)) + epsilon); x += (z - x) / t; w = (1 - beta_1) z + beta_1 x``.
    Gradients are taken at w; the weights to predict with are x: `averaged`. All steps weigh the same in x, as in
    Keras' ``ScheduleFreeAdamW``; ``optax.contrib.schedule_free`` weighs them by the square of the largest learning
    rate, which is the same while it is constant.

    Parameters
    ----------
    learning_rate : float, schedule or callable, default=0.0025
        Size of the steps.
    beta_1 : float, default=0.9
        Share of x in the weights, above 0 and below 1. A number, not a schedule.
    beta_2 : float, default=0.999
        Share of the old mean v of the squares of the gradients in each new one.
    epsilon : float, default=1e-8
        Keeps the divisor away from 0.
    warmup_steps : float, default=0
        Steps over which the learning rate rises from 0 in a straight line.
    **common
        As in `Optimizer`.

    References
    ----------
    Defazio et al. (2024), The road less scheduled.

    Examples
    --------
    >>> ScheduleFreeAdam(warmup_steps=100)
    ScheduleFreeAdam(warmup_steps=100)
    """

    traced: ClassVar[tuple[str, ...]] = ("warmup_steps",)
    momentum_name = None

    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: float = 0,
        **common,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **common)
        check_value("ScheduleFreeAdam", "beta_1", beta_1, Number(0, 1, open_low=True, open_high=True))
        self.warmup_steps = self.number("warmup_steps", warmup_steps, Number(0))

    def idle(self) -> tuple[str, ...]:
        return (*super().idle(), "warmup_steps") if self.warmup_steps == 0 else super().idle()

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        return self.multiplied_rule(hyper, lambda changes: changes)

    def multiplied_rule(self, hyper: Hyper, multiplied: Multiplied) -> optax.GradientTransformation:
        beta_1, beta_2, epsilon = hyper["beta_1"], hyper["beta_2"], hyper["epsilon"]

        def init(params):
            zeros = jax.tree.map(jnp.zeros_like, params)
            return ScheduleFreeState(jnp.zeros((), jnp.int32), params, zeros, beta_1)

        def update(grads, state, params=None):
            count = state.steps + 1
            t = count.astype(beta_1.dtype)
            rate, correction = hyper["learning_rate"], 1 / (1 - beta_2**t)
            if "warmup_steps" in hyper:
                rate = rate * jnp.minimum(t / hyper["warmup_steps"], 1)
            square = jax.tree.map(lambda v, g: beta_2 * v + (1 - beta_2) * g * g, state.square, grads)
            down = jax.tree.map(lambda g, v: rate * g / (jnp.sqrt(v * correction) + epsilon), grads, square)
            point = jax.tree.map(lambda z, change: z - change, state.point, multiplied(down))
            average = jax.tree.map(lambda x, z: x + (z - x) / t, self._average(params, state), point)
            updates = jax.tree.map(lambda w, x, z: (1 - beta_1) * z + beta_1 * x - w, params, average, point)
            return updates, ScheduleFreeState(count, point, square, beta_1)

        return optax.GradientTransformation(init, update)

    def _average(self, params: Any, state: ScheduleFreeState) -> Any:
        """x, of which the weights are a mixture with z."""
        return jax.tree.map(lambda w, z: (w - (1 - state.beta_1) * z) / state.beta_1, params, state.point)

    def begin(self, params: Any) -> Any:
        state = super().begin(params)
        return state._replace(point=params, beta_1=np.full_like(state.beta_1, self.beta_1))

    def averaged(self, params: Any, state: Any) -> Any:
        return super().averaged(params, state) if self.use_ema else self._average(params, state)
