"""Ensembles: networks of one plan whose weights are stacked along a first axis, and whose outputs are averaged."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp

from lamina.engine.objective import loss_of
from lamina.engine.plan import Plan
from lamina.engine.program import Noise, Program
from lamina.metrics import weighted_mean


class EnsembleProgram(Program):
    """A program for stacked parameters and states.

    Members come one after another in the compiled loop: over many rows that is several times faster than batched
    products (``vmap``), and as fast over one.
    """

    def _predict(self, params, state, x, noise: Noise | None = None):
        """The mean of the members' outputs, after their links."""

        def one(member):
            params, state = member
            return super(EnsembleProgram, self)._predict(params, state, x, noise)

        return jnp.mean(jax.lax.map(one, (params, state)), axis=0)

    def _samples(self, params, state, x, seeds, hyper, shared_noise: bool):
        """Each member's outputs for its share of the seeds, one member after another."""
        n_members = len(jax.tree.leaves(params)[0])

        def one(member):
            params, state, seeds = member
            return super(EnsembleProgram, self)._samples(params, state, x, seeds, hyper, shared_noise)

        samples = jax.lax.map(one, (params, state, seeds.reshape(n_members, -1, seeds.shape[-1])))
        return samples.reshape(-1, *samples.shape[2:])

    def _evaluate(self, params, state, rows, noise: Noise | None = None, n_rows=None):
        """Loss and metrics of the mean outputs, in one array."""
        outputs = self._predict(params, state, rows.x, noise)
        loss = loss_of(self.plan, noise[1] if noise else {})
        per_row = loss.per_row(rows.y, before_link(loss.link, outputs))
        metrics = [metric.of_rows(rows.y, outputs, rows.weight) for _, metric in self.plan.metrics]
        return jnp.stack([weighted_mean(per_row, rows.weight), *(metric.astype(outputs.dtype) for metric in metrics)])


def before_link(link: str, outputs: jax.Array) -> jax.Array:
    """The numbers that the link makes these outputs of, which is what a loss takes.

    >>> import numpy as np
    >>> before_link("logistic", np.array([0.5])).tolist()
    [0.0]
    """
    if link == "identity":
        return outputs
    numbers = jnp.finfo(outputs.dtype)
    logarithm = jnp.log(jnp.maximum(outputs, numbers.tiny))
    return logarithm - jnp.log1p(-jnp.minimum(outputs, 1 - numbers.epsneg)) if link == "logistic" else logarithm


@functools.lru_cache(maxsize=128)
def ensemble_program_for(plan: Plan) -> EnsembleProgram:
    """The program of stacked networks of a plan; equal plans share one."""
    return EnsembleProgram(plan)
