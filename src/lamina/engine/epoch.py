"""Epochs, compiled: several per dispatch when they are short, with nothing but a few numbers coming back."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from lamina.activations import get_activation
from lamina.engine.forward import forward_blocks
from lamina.engine.judge import judge
from lamina.engine.plan import Plan
from lamina.engine.run import RUNNING, Control, Data, Run
from lamina.engine.step import step
from lamina.losses import LOSSES
from lamina.metrics import METRICS, weighted_mean
from lamina.noise import fold

#: the columns of the log that an epoch writes
LOG_COLUMNS = ("ran", "loss", "val_loss", "val_score", "learning_rate", "reason", "stale", "rate")


def take_rows(data: Data, index, n_valid) -> Data:
    """The rows at `index`; those from `n_valid` on weigh 0."""
    picked = jax.tree.map(lambda a: a.at[index].get(mode="promise_in_bounds"), data)
    return picked._replace(weight=jnp.where(jnp.arange(index.shape[0]) < n_valid, picked.weight, 0))


def train_one_epoch(plan: Plan, run: Run, data: Data, order, hyper, control: Control, seed):
    """Steps through the rows in the given order; the run and the mean loss over rows."""

    def one_step(s, carry):
        run, total = carry
        start = s * control.batch_size
        rows = jnp.minimum(control.batch_size, control.n_rows - start)
        index = jax.lax.dynamic_slice_in_dim(order, start, plan.batch_width)
        values = jax.lax.dynamic_index_in_dim(hyper, s, keepdims=False)
        run, loss = step(plan, run, take_rows(data, index, rows), dict(zip(plan.hyper_names, values)), fold(seed, s))
        return run, total + loss * rows.astype(total.dtype)

    n_steps = (control.n_rows + control.batch_size - 1) // control.batch_size
    run, total = jax.lax.fori_loop(0, n_steps, one_step, (run, jnp.zeros((), hyper.dtype)))
    return run, total / control.n_rows.astype(hyper.dtype)


def evaluate(plan: Plan, run: Run, valid: Data):
    """Mean loss without the penalty, and the score, on validation rows (padded rows weigh 0)."""
    z = forward_blocks(plan, run.params, run.state, valid.x)
    loss = LOSSES[plan.loss]
    score = METRICS[plan.metric](valid.y, get_activation(loss.link)(z), valid.weight)
    return weighted_mean(loss.per_row(valid.y, z), valid.weight), score


def train_epochs(plan: Plan, run: Run, data: Data, valid: Data | None, order, hyper, control: Control):
    """Up to ``control.n_epochs`` epochs, fewer if the run stops.

    `order` has shape (epochs, rows) and `hyper` shape (epochs, steps, values). Returns the run and a log of shape
    (epochs, columns).
    """
    rate_column = plan.hyper_names.index("learning_rate")

    def one_epoch(carry):
        k, before, log = carry
        after, loss = train_one_epoch(
            plan, before, data, order[k], hyper[k], control, fold(control.seed, control.first_epoch + k)
        )
        nothing = jnp.full_like(loss, jnp.nan)
        val_loss, score = evaluate(plan, after, valid) if valid is not None else (nothing, nothing)
        rate = hyper[k, 0, rate_column] * before.stopping.rate
        run = judge(plan, before, after, loss, score, rate, control)
        memory = run.stopping
        columns = (1, loss, val_loss, score, rate, memory.reason, memory.stale, memory.rate)
        row = jnp.stack([jnp.asarray(value, hyper.dtype) for value in columns])
        return k + 1, run, jax.lax.dynamic_update_index_in_dim(log, row, k, 0)

    def going(carry):
        k, run, _ = carry
        return (k < control.n_epochs) & (run.stopping.reason == RUNNING)

    log = jnp.zeros((order.shape[0], len(LOG_COLUMNS)), hyper.dtype)
    _, run, log = jax.lax.while_loop(going, one_epoch, (jnp.int32(0), run, log))
    return run, log
