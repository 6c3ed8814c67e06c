"""What each layer does with one batch: sizes of signals, gradients, weights and updates. Nothing is trained."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from lamina.activations import Activation, get_activation, saturation_bounds
from lamina.engine.objective import Hyper, objective
from lamina.engine.plan import Plan
from lamina.engine.run import Data, split_frozen
from lamina.engine.step import multiplied

#: what is measured of every layer
QUANTITIES = (
    "activation_mean",
    "activation_std",
    "signal_gradient_std",
    "dead",
    "saturated",
    "weight_norm",
    "gradient_norm",
    "update_norm",
)
#: outputs this near to an end of a bounded activation's range, as a share of it, count as saturated:
#: tanh and the sigmoid have less than a tenth of their largest slope there
END = 0.025


class Probe(NamedTuple):
    """What the layers are measured on."""

    rows: Data  # without padding
    seed: Any  # of their noise


def probe(plan: Plan, params, state, optimizer_state, hyper: Hyper, rows: Data, seed):
    """An array of shape (layers, quantities) for one batch in training mode.

    `signal_gradient_std` is that of the loss by the layer's outputs; `dead` the share of units whose output is the same
    for all rows (NaN for a single row); `update_norm` the size of the change that the optimizer would make.
    """
    frozen, free = split_frozen(plan, params)
    n_rows = jnp.asarray(rows.weight.shape[0], rows.weight.dtype)

    def loss_and_outputs(free, nudges):
        outputs: list[jax.Array] = []

        def tap(x):
            nudge = nudges[len(outputs)] if nudges else 0
            outputs.append(x)
            return x + nudge

        loss, _ = objective(plan, {**frozen, **free}, state, rows, n_rows, hyper, seed, tap)
        return loss, outputs

    shapes = jax.eval_shape(lambda: loss_and_outputs(free, [])[1])
    nudges = [jnp.zeros(output.shape, output.dtype) for output in shapes]
    both = jax.value_and_grad(loss_and_outputs, argnums=(0, 1), has_aux=True)
    (loss, outputs), (grads, signals) = both(free, nudges)
    searched = {"value": loss, "grad": grads, "value_fn": lambda free: loss_and_outputs(free, [])[0]}
    optimizer = plan.optimizer.transform(dict(hyper), multiplied(plan, hyper), **searched)
    updates, _ = optimizer.update(grads, optimizer_state, free)
    table = []
    for (name, layer), output, signal in zip(plan.layers, outputs, signals, strict=True):
        activation = getattr(layer, "activation", None)
        sizes = (params.get(name), grads.get(name), updates.get(name))
        table.append([*_of_signals(output, signal, activation), *map(_norm, sizes)])
    return jnp.array(table, loss.dtype)


def _of_signals(output: jax.Array, gradient: jax.Array, activation: str | Activation | None) -> list[Any]:
    """Mean and deviation of the outputs, deviation of their gradients, shares of dead units and saturated outputs."""
    dead = jnp.nan if len(output) == 1 else jnp.mean(jnp.all(output == output[:1], axis=0))
    bounds = saturation_bounds(get_activation(activation), END)
    saturated = jnp.nan if bounds is None else jnp.mean((output < bounds[0]) | (output > bounds[1]))
    return [output.mean(), output.std(), gradient.std(), dead, saturated]


def _norm(arrays: Any) -> jax.Array | float:
    """The length of all of a layer's arrays as one vector; NaN for a layer without any."""
    squares = [jnp.sum(jnp.square(array)) for array in jax.tree.leaves(arrays)]
    return jnp.sqrt(sum(squares)) if squares else jnp.nan
