"""After an epoch: has it improved, has it diverged, shall it stop? Values in the run, never exceptions."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from lamina.engine.plan import Plan
from lamina.engine.run import DIVERGED, NO_IMPROVEMENT, RATE_TOO_SMALL, RUNNING, Control, Run

#: an epoch whose loss is this many times the first epoch's has exploded, though it may still be finite
EXPLOSION = 1e6
#: the adaptive learning rate is not divided below this (scikit-learn's number)
SMALLEST_RATE = 1e-6


def choose(condition, new, old):
    """The tree `new` if the condition holds, else `old`. Compiles faster than a ``where`` per array."""
    return jax.lax.cond(condition, lambda: new, lambda: old)


def judge(plan: Plan, before: Run, after: Run, loss, score, rate, control: Control) -> Run:
    """The run to go on with: best values, patience, rate factor, reason to stop, and roll-back if it diverged."""
    memory = after.stopping
    first_loss = jnp.where(jnp.isnan(memory.first_loss), loss, memory.first_loss)
    worse_loss = loss > memory.best_loss - control.tol
    worse_score = score < memory.best_score + control.tol
    stale = jnp.where(jnp.where(control.on_score, worse_score, worse_loss), memory.stale + 1, 0)
    better = score > memory.best_score

    impatient = stale > control.patience
    lower_rate = impatient & control.adaptive & (rate > SMALLEST_RATE)
    reason = jnp.where(impatient, jnp.where(control.adaptive, RATE_TOO_SMALL, NO_IMPROVEMENT), RUNNING)
    reason = jnp.where(lower_rate, RUNNING, reason)
    # 0 times a weight is 0 unless the weight is infinite or not a number; unlike isfinite, the sum runs vectorised
    zero = sum(jnp.sum(array * 0) for array in jax.tree.leaves((after.params, after.state)))
    finite = jnp.isfinite(loss) & (zero == 0)
    diverged = ~finite | (loss > EXPLOSION * jnp.maximum(first_loss, 1.0))

    stopping = memory._replace(
        best_loss=jnp.where(control.on_score, memory.best_loss, jnp.fmin(loss, memory.best_loss)),
        best_score=jnp.where(control.on_score & better, score, memory.best_score),
        stale=jnp.where(lower_rate, 0, stale).astype(memory.stale.dtype),
        rate=jnp.where(lower_rate, memory.rate / 5, memory.rate),
        first_loss=first_loss,
        reason=jnp.where(diverged, DIVERGED, reason).astype(jnp.int32),
    )
    good = after._replace(stopping=stopping)
    if plan.keep_best:
        good = good._replace(best=choose(better, (after.params, after.state), after.best))
    return choose(diverged, before._replace(stopping=stopping), good)
