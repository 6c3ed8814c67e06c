"""Populations: the same epochs for many members at once, under ``vmap``."""

from __future__ import annotations

from functools import partial

import jax

from lamina.engine.epoch import train_epochs
from lamina.engine.plan import Plan


def train_population(plan: Plan, run, data, valid, order, hyper, control):
    """`train_epochs` for members stacked along the first axis of everything but `data`, which they share.

    Members differ in their weights, the rows they see (`order` indexes the shared rows), their per-step values and
    their stopping; one that has stopped stands still while the others go on.
    """
    members = jax.vmap(partial(train_epochs, plan), in_axes=(0, None, 0, 0, 0, 0))
    return members(run, data, valid, order, hyper, control)
