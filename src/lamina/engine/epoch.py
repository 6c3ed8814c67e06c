"""Epochs, compiled: several per dispatch when they are short, with nothing but a few numbers coming back."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from lamina.activations import get_activation
from lamina.engine.forward import compute_dtype, forward_blocks
from lamina.engine.judge import judge
from lamina.engine.objective import Hyper, loss_of, regularization
from lamina.engine.plan import Plan
from lamina.engine.probe import QUANTITIES, Probe, probe
from lamina.engine.run import RUNNING, Control, Data, Run
from lamina.engine.step import step
from lamina.layers import Call
from lamina.metrics import weighted_mean
from lamina.noise import fold


def take_rows(data: Data, index, n_valid) -> Data:
    """The rows at `index`; those from `n_valid` on weigh 0."""
    picked = jax.tree.map(lambda a: a.at[index].get(mode="promise_in_bounds"), data)
    return picked._replace(weight=jnp.where(jnp.arange(index.shape[0]) < n_valid, picked.weight, 0))


def train_one_epoch(plan: Plan, run: Run, data: Data, order, hyper, control: Control, seed):
    """Steps through the rows in the given order; the run, the mean loss over rows, and the metrics."""

    def one_step(s, carry):
        run, total, sums = carry
        start = s * control.batch_size
        rows = jnp.minimum(control.batch_size, control.n_rows - start)
        index = jax.lax.dynamic_slice_in_dim(order, start, plan.batch_width)
        values = jax.lax.dynamic_index_in_dim(hyper, s, keepdims=False)
        batch = take_rows(data, index, rows)
        noise = fold(seed, control.first_step + s)
        run, loss, more = step(plan, run, batch, rows, dict(zip(plan.hyper_names, values)), noise)
        return run, total + loss * rows.astype(total.dtype), jax.tree.map(jnp.add, sums, more)

    n_steps = (control.n_rows + control.batch_size - 1) // control.batch_size
    metrics = plan.metrics if plan.train_metrics else ()
    sums = run.sums or [jnp.zeros(metric.size(data.y), hyper.dtype) for _, metric in metrics]
    run, total, sums = jax.lax.fori_loop(0, n_steps, one_step, (run, jnp.zeros((), hyper.dtype), sums))
    run = run._replace(sums=sums) if run.sums else run
    return run, total / control.n_rows.astype(hyper.dtype), [m.value(s) for (_, m), s in zip(metrics, sums)]


def evaluate(plan: Plan, params, state, valid: Data, hyper: Hyper, seed=None, n_rows=None):
    """Mean loss and metrics on validation rows (padded rows weigh 0).

    The loss is without the penalties on all kernels, and with those of the layers' own regularizers. Its mean is over
    the weights, or over `n_rows` rows where that is given, as a plan without `weighted_mean` trains.
    """
    prediction, loss = _measure(plan, params, state, valid, hyper, seed, n_rows)
    return loss, [metric.of_rows(valid.y, prediction, valid.weight) for _, metric in plan.metrics]


def evaluate_batch(plan: Plan, params, state, batch: Data, sums, hyper: Hyper, seed, n_rows):
    """`evaluate` for one of several batches: its loss, and the metrics with what they have summed up so far."""
    prediction, loss = _measure(plan, params, state, batch, hyper, seed, n_rows)
    more = [metric.sums(batch.y, prediction, batch.weight) for _, metric in plan.metrics]
    sums = jax.tree.map(jnp.add, sums, more)
    return loss, [metric.value(s) for (_, metric), s in zip(plan.metrics, sums)], sums


def _measure(plan: Plan, params, state, valid: Data, hyper: Hyper, seed, n_rows):
    """Predictions, and the mean loss with the layers' own penalties."""
    call = Call(seed=seed, compute_dtype=compute_dtype(plan), hyper=hyper)
    z = forward_blocks(plan, params, state, valid.x, call)
    per_row = loss_of(plan, hyper).per_row(valid.y, z)
    if n_rows is None:
        loss = weighted_mean(per_row, valid.weight)
    else:
        loss = jnp.sum(jnp.where(valid.weight != 0, per_row, 0) * valid.weight) / n_rows
    return get_activation(plan.loss.link)(z), sum(regularization(plan, params, hyper), start=loss)


def train_epochs(
    plan: Plan, run: Run, data: Data, valid: Data | None, order, hyper, control: Control, probes: Sequence[Probe] = ()
):
    """Up to ``control.n_epochs`` epochs, fewer if the run stops.

    `order` has shape (epochs, rows) and `hyper` shape (epochs, steps, values). Returns the run and a log of shape
    (epochs, columns): those of ``plan.log_columns``, then what each of the `probes` finds after the epoch, with the
    values of its last step.
    """
    rate_column = plan.hyper_names.index("learning_rate")

    def one_epoch(carry):
        k, before, log = carry
        seed = fold(control.seed, control.first_epoch + k)
        after, loss, metrics = train_one_epoch(plan, before, data, order[k], hyper[k], control, seed)
        nothing = jnp.full_like(loss, jnp.nan)
        val_loss, val_metrics = nothing, [nothing] * len(plan.metrics)
        if valid is not None:
            values = dict(zip(plan.hyper_names, hyper[k, 0]))
            val_loss, val_metrics = evaluate(plan, after.params, after.state, valid, values, seed)
        rate = hyper[k, 0, rate_column] * before.stopping.rate
        score = val_metrics[0] if val_metrics else -val_loss
        run = judge(plan, before, after, loss, score, rate, control)
        memory = run.stopping
        columns = (1, loss, rate, memory.reason, memory.stale, memory.rate, val_loss, *metrics, *val_metrics)
        row = jnp.stack([jnp.asarray(value, hyper.dtype) for value in columns])
        if probes:
            last = dict(zip(plan.hyper_names, hyper[k, (control.n_rows - 1) // control.batch_size]))
            last["learning_rate"] *= before.stopping.rate
            samples = (probe(plan, run.params, run.state, run.optimizer, last, *given) for given in probes)
            row = jnp.concatenate([row, *(sample.ravel() for sample in samples)])
        return k + 1, run, jax.lax.dynamic_update_index_in_dim(log, row, k, 0)

    def going(carry):
        k, run, _ = carry
        return (k < control.n_epochs) & (run.stopping.reason == RUNNING)

    width = len(plan.log_columns) + len(probes) * len(plan.layers) * len(QUANTITIES)
    log = jnp.zeros((order.shape[0], width), hyper.dtype)
    _, run, log = jax.lax.while_loop(going, one_epoch, (jnp.int32(0), run, log))
    return run, log
