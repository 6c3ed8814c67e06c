"""What a step lowers: the loss of a batch, with penalties."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import jax
import jax.numpy as jnp

from lamina.engine.forward import Tap, compute_dtype, forward
from lamina.engine.plan import Plan
from lamina.engine.run import Data
from lamina.layers import Call
from lamina.losses import Loss
from lamina.recipe import below

Hyper = Mapping[str, jax.Array]


def objective(plan: Plan, params, state, batch: Data, n_rows, hyper: Hyper, seed=None, tap: Tap | None = None):
    """A batch's mean loss plus penalties; with it the layers' new state and the outputs before the link.

    Penalties on all kernels are divided as the loss is, so that alpha counts against one row's loss (scikit-learn);
    those of the layers' own regularizers are added as they are, frozen layers' too (Keras), and so are those of their
    outputs.
    """
    call = Call(True, seed, batch.weight, compute_dtype(plan), hyper)
    outputs: list[jax.Array] = []

    def watch(x):
        outputs.append(x if tap is None else tap(x))
        return outputs[-1]

    z, state = forward(plan, params, state, batch.x, call, tap=watch)
    values = jnp.where(batch.weight != 0, loss_of(plan, hyper).per_row(batch.y, z), 0)
    divisor = jnp.sum(batch.weight) if plan.weighted_mean else n_rows.astype(values.dtype)
    total = jnp.sum(values * batch.weight)
    for name in plan.penalties:
        total += hyper[name] * PENALTIES[name](plan, params)
    mean = total / jnp.where(divisor == 0, 1, divisor)
    penalties = [*regularization(plan, params, hyper), *_of_activity(plan, outputs, batch.weight, hyper)]
    return sum(penalties, start=mean), (state, z)


def loss_of(plan: Plan, hyper: Hyper) -> Loss:
    """The plan's loss with its traced values."""
    return plan.loss.at(below("loss", hyper))


def _over_kernels(of_kernel: Callable[[jax.Array], jax.Array]) -> Callable:
    """The sum of a function over the kernels of all layers."""

    def penalty(plan: Plan, params):
        return sum(of_kernel(kernel) for name, layer in plan.layers for kernel in layer.kernels(params[name]))

    return penalty


PENALTIES = {
    "alpha": _over_kernels(lambda kernel: 0.5 * jnp.sum(jnp.square(kernel))),
    "l1": _over_kernels(lambda kernel: jnp.sum(jnp.abs(kernel))),
}


def regularization(plan: Plan, params, hyper: Hyper) -> list[jax.Array]:
    """What the regularizers of each layer that has any add to the loss."""
    return _that_count(layer.at(below(name, hyper)).penalty(params[name]) for name, layer in plan.layers)


def _of_activity(plan: Plan, outputs: list[jax.Array], rows, hyper: Hyper) -> list[jax.Array]:
    """What the outputs of each layer that minds them add to the loss."""
    layers = (layer.at(below(name, hyper)) for name, layer in plan.layers)
    return _that_count(layer.activity_penalty(x, rows) for layer, x in zip(layers, outputs, strict=True))


def _that_count(penalties: Iterable[jax.Array | int]) -> list[jax.Array]:
    """Those that are computed: the number 0 would only lengthen the program."""
    return [penalty for penalty in penalties if not isinstance(penalty, int)]
