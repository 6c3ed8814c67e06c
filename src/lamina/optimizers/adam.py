"""Adam, and Adam with decoupled weight decay."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import optax

from lamina.checks import Boolean, Number, check_value
from lamina.optimizers.base import Hyper, Optimizer


class AdamState(NamedTuple):
    """Number of updates so far, the running means of g and g², and with amsgrad the largest of the latter."""

    steps: Any
    mean: Any
    square: Any
    largest: Any = ()


def adam_rule(rate, beta_1, beta_2, epsilon, amsgrad: bool = False) -> optax.GradientTransformation:
    """Adam's update rule from the numbers of one step."""

    def init(params):
        zeros = jax.tree.map(jnp.zeros_like, params)
        return AdamState(jnp.zeros((), jnp.int32), zeros, zeros, zeros if amsgrad else ())

    def update(grads, state, params=None):
        count = state.steps + 1
        t = count.astype(beta_1.dtype)
        scale = rate * jnp.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        mean, square = running_moments(grads, state, beta_1, beta_2)
        largest = jax.tree.map(jnp.maximum, state.largest, square) if amsgrad else ()
        divisor = largest if amsgrad else square
        updates = jax.tree.map(lambda m, v: -scale * m / (jnp.sqrt(v) + epsilon), mean, divisor)
        return updates, AdamState(count, mean, square, largest)

    return optax.GradientTransformation(init, update)


def running_moments(grads, state, beta_1, beta_2):
    """The new running means of g and of g²."""
    mean = jax.tree.map(lambda m, g: beta_1 * m + (1 - beta_1) * g, state.mean, grads)
    square = jax.tree.map(lambda v, g: beta_2 * v + (1 - beta_2) * g * g, state.square, grads)
    return mean, square


class AdamLike(Optimizer):
    """Optimizers that have Adam's numbers.

    Parameters
    ----------
    learning_rate : float, schedule or callable, default=0.001
        Size of the steps.
    beta_1 : float, default=0.9
        Share of the old mean gradient in each new one, from 0 to below 1.
    beta_2 : float, default=0.999
        The same for the squares of the gradients.
    epsilon : float, default=1e-7
        Keeps the divisor away from 0.
    **common
        As in `Optimizer`.
    """

    traced: ClassVar[tuple[str, ...]] = ("beta_1", "beta_2", "epsilon")
    momentum_name: ClassVar[str | None] = "beta_1"

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **common,
    ) -> None:
        super().__init__(learning_rate, **common)
        self.beta_1 = self.number("beta_1", beta_1, Number(0, 1, open_high=True))
        self.beta_2 = self.number("beta_2", beta_2, Number(0, 1, open_high=True))
        self.epsilon = self.number("epsilon", epsilon, Number(0))


class Adam(AdamLike):
    """``w -= learning_rate sqrt(1 - beta_2^t) / (1 - beta_1^t) · m / (sqrt(v) + epsilon)``.

    This is the paper's "epsilon hat" form, which scikit-learn and Keras use; Optax' ``adam`` adds epsilon to the
    bias-corrected root instead.

    Parameters
    ----------
    learning_rate : float, schedule or callable, default=0.001
        Size of the steps.
    beta_1 : float, default=0.9
        Share of the old mean gradient m in each new one, from 0 to below 1.
    beta_2 : float, default=0.999
        The same for the mean v of the squares of the gradients.
    epsilon : float, default=1e-7
        Keeps the divisor away from 0.
    amsgrad : bool, default=False
        Divide by the root of the largest v so far (as Keras does: without bias correction of v).
    **common
        As in `Optimizer`.

    References
    ----------
    Kingma & Ba (2014), Adam: a method for stochastic optimization. Reddi et al. (2018), On the convergence of Adam and
    beyond (amsgrad).

    Examples
    --------
    >>> Adam(beta_1=0.95)
    Adam(beta_1=0.95)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **common,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **common)
        self.amsgrad = check_value(type(self).__name__, "amsgrad", amsgrad, Boolean)

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        return adam_rule(hyper["learning_rate"], hyper["beta_1"], hyper["beta_2"], hyper["epsilon"], self.amsgrad)


class AdamW(Adam):
    """`Adam` with decoupled weight decay: each step first takes ``learning_rate · weight_decay · w`` off every weight.

    Parameters
    ----------
    learning_rate : float, schedule or callable, default=0.001
        Size of the steps.
    weight_decay : float, default=0.004
        Strength of the decay.
    beta_1, beta_2, epsilon, amsgrad
        As in `Adam`.
    **common
        As in `Optimizer`.

    References
    ----------
    Loshchilov & Hutter (2017), Decoupled weight decay regularization.

    Examples
    --------
    >>> AdamW(weight_decay=0.01)
    AdamW(weight_decay=0.01)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **common,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **common)
        self.number("weight_decay", weight_decay, Number(0))  # the decay may not be left out
