"""Hidden cells as targets: a task that any table brings with it."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from lamina.checks import Number
from lamina.layers import Layer, SwapNoise
from lamina.losses import Loss
from lamina.neural_network.architecture import output_layer
from lamina.neural_network.unsupervised import Unsupervised


class HideCells(SwapNoise):
    """Swap noise whenever there is a seed, in validation too: without hidden cells there is nothing to measure."""

    def apply(self, params, state, x, call):
        return (x, state) if call.seed is None else super().apply(params, state, x, call._replace(training=True))

    def hidden(self, x: jax.Array, call) -> jax.Array:
        """Which cells of x it hides, as ones and zeros; all of them where there is no seed."""
        if call.seed is None:
            return jnp.ones_like(x)
        return self.swapped(call, x.shape).astype(x.dtype)


class MarkHidden(HideCells):
    """The inputs and, behind them, which cells the first layer of the network has hidden: it draws the same numbers."""

    seed_of = 0

    def apply(self, params, state, x, call):
        return jnp.concatenate([x, self.hidden(x, call)], axis=-1), state


class ErrorOfHidden(Loss):
    """The mean squared error of a row's hidden cells, for outputs that `MarkHidden` has marked."""

    def per_row(self, y, z):
        predicted, hidden = jnp.split(z, 2, axis=-1)
        errors = hidden * (predicted - y.astype(z.dtype)) ** 2
        return errors.sum(axis=-1) / jnp.maximum(hidden.sum(axis=-1), 1)


class MaskedFeatures(Unsupervised):
    """TODO"""

    _constraints: ClassVar = {**Unsupervised._constraints, "rate": (Number(0, 1, open_low=True, open_high=True),)}
    loss = "masked"

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        rate=0.3,
        solver="adam",
        alpha=0.0,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        max_iter=100,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        dtype="auto",
        kernel_initializer=None,
        normalization=None,
        norm_position="before",
        dropout=0.0,
        weight_decay=None,
        clipnorm=None,
        time_budget=None,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.rate = rate
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.dtype = dtype
        self.kernel_initializer = kernel_initializer
        self.normalization = normalization
        self.norm_position = norm_position
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.time_budget = time_budget

    def _corruption(self) -> list[Layer]:
        return [HideCells(self.rate)]

    def _head(self, n_outputs: int) -> list[Layer]:
        return [output_layer(self, n_outputs), MarkHidden(self.rate)]

    def _loss(self) -> Loss:
        return ErrorOfHidden()
