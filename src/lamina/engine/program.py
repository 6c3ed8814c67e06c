"""Programs: a plan's compiled functions."""

from __future__ import annotations

import functools

import jax

from lamina.activations import get_activation
from lamina.engine.cache import use_persistent_cache
from lamina.engine.epoch import evaluate, train_epochs
from lamina.engine.forward import compute_dtype, forward_blocks
from lamina.engine.plan import Plan
from lamina.engine.population import train_population
from lamina.engine.step import mean_and_penalty
from lamina.layers import Call
from lamina.losses import LOSSES


class Program:
    """Compiled when first called with new array shapes, then reused for every value."""

    def __init__(self, plan: Plan) -> None:
        use_persistent_cache()
        self.plan = plan
        self.train = jax.jit(functools.partial(train_epochs, plan))
        self.train_population = jax.jit(functools.partial(train_population, plan))
        self.predict = jax.jit(self._predict)
        self.evaluate = jax.jit(functools.partial(evaluate, plan))
        self.activations = jax.jit(self._activations, static_argnums=3)
        self.loss_and_grad = jax.jit(self._loss_and_grad)

    def _predict(self, params, state, x):
        return get_activation(LOSSES[self.plan.loss].link)(forward_blocks(self.plan, params, state, x))

    def _activations(self, params, state, x, depth):
        call = Call(compute_dtype=compute_dtype(self.plan))
        for name, layer in self.plan.layers[:depth]:
            x, _ = layer.apply(params[name], state[name], x, call)
        return x

    def _loss_and_grad(self, params, state, data, alpha):
        """The full-batch objective for solvers that want a function: (loss, gradient)."""

        def objective(params):
            return mean_and_penalty(self.plan, params, state, data, alpha)[0]

        return jax.value_and_grad(objective)(params)


@functools.lru_cache(maxsize=128)
def program_for(plan: Plan) -> Program:
    """The program of a plan; equal plans share one."""
    return Program(plan)
