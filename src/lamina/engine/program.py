"""Programs: a plan's compiled functions."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp

from lamina.activations import get_activation
from lamina.engine.cache import use_persistent_cache
from lamina.engine.epoch import evaluate, evaluate_batch, take_rows, train_epochs
from lamina.engine.forward import compute_dtype, forward, forward_blocks
from lamina.engine.objective import objective
from lamina.engine.plan import Plan
from lamina.engine.population import train_population
from lamina.engine.probe import probe
from lamina.engine.sensitivity import sensitivity
from lamina.layers import Call

#: a seed, and the layers' traced values
Noise = tuple[jax.Array, dict[str, jax.Array]]


class Program:
    """Compiled when first called with new array shapes, then reused for every value."""

    def __init__(self, plan: Plan) -> None:
        use_persistent_cache()
        self.plan = plan
        self.train = jax.jit(functools.partial(train_epochs, plan))
        self.train_population = jax.jit(functools.partial(train_population, plan))
        self.predict = jax.jit(self._predict)
        self.sensitivity = jax.jit(self._sensitivity, static_argnums=4)
        self.samples = jax.jit(self._samples, static_argnums=5)
        self.outputs = jax.jit(self._outputs, static_argnums=4)
        self.evaluate = jax.jit(self._evaluate)
        self.evaluate_batch = jax.jit(self._evaluate_batch)
        self.activations = jax.jit(self._activations, static_argnums=3)
        self.losses = jax.jit(self._losses)
        self.loss_and_grad = jax.jit(self._loss_and_grad)
        self.probe = jax.jit(functools.partial(probe, plan))

    def _predict(self, params, state, x, noise: Noise | None = None):
        z = forward_blocks(self.plan, params, state, x, self._call(noise))
        return get_activation(self.plan.loss.link)(z)

    def _sensitivity(self, params, state, x, noise: Noise | None, largest: bool):
        return sensitivity(lambda rows: self._predict(params, state, rows, noise), x, largest)

    def _samples(self, params, state, x, seeds, hyper, shared_noise: bool):
        """Outputs with the layers of noise active, once for each seed: (n_samples, n_rows, n_outputs)."""

        def one(seed):
            call = self._call((seed, hyper))._replace(sampling=True, shared_noise=shared_noise)
            return get_activation(self.plan.loss.link)(forward(self.plan, params, state, x, call)[0])

        return jax.lax.map(one, seeds)

    def _outputs(self, params, state, x, noise: Noise | None, training: bool):
        """The outputs of one batch, and the layers' new state."""
        z, state = forward(self.plan, params, state, x, self._call(noise)._replace(training=training))
        return get_activation(self.plan.loss.link)(z), state

    def _call(self, noise: Noise | None) -> Call:
        seed, hyper = noise or (None, {})
        return Call(seed=seed, compute_dtype=compute_dtype(self.plan), hyper=hyper)

    def _evaluate(self, params, state, rows, noise: Noise | None = None, n_rows=None):
        """Loss and metrics, in one array."""
        seed, hyper = noise or (None, {})
        loss, metrics = evaluate(self.plan, params, state, rows, hyper, seed, n_rows)
        return jnp.stack([loss, *(metric.astype(loss.dtype) for metric in metrics)])

    def _evaluate_batch(self, params, state, rows, index, n_rows, sums, noise: Noise):
        """Loss of the first `n_rows` rows at `index`, the metrics so far, and their sums."""
        seed, hyper = noise
        batch = take_rows(rows, index, n_rows)
        return evaluate_batch(self.plan, params, state, batch, sums, hyper, seed, n_rows.astype(rows.weight.dtype))

    def _activations(self, params, state, x, depth):
        return forward(self.plan, params, state, x, self._call(None), depth)[0]

    def _losses(self, params, state, x, y):
        """The loss of every row, for losses without traced values."""
        return self.plan.loss.per_row(y, forward_blocks(self.plan, params, state, x, self._call(None)))

    def _loss_and_grad(self, params, state, data, n_rows, hyper):
        """The full-batch objective for solvers that want a function: (loss, gradient)."""

        def loss(params):
            return objective(self.plan, params, state, data, n_rows, hyper)[0]

        return jax.value_and_grad(loss)(params)


@functools.lru_cache(maxsize=128)
def program_for(plan: Plan) -> Program:
    """The program of a plan; equal plans share one."""
    return Program(plan)
