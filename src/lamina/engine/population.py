"""Populations: the same epochs for many members at once, under ``vmap``."""

from __future__ import annotations

from functools import partial

import jax
import numpy as np

from lamina.engine.epoch import train_epochs
from lamina.engine.plan import Plan
from lamina.engine.run import Control


def train_population(plan: Plan, run, data, valid, order, hyper, control: Control):
    """`train_epochs` for members stacked along the first axis of everything but `data`, which they share.

    Members differ in their weights, the rows they see (`order` indexes the shared rows), their per-step values and
    their stopping; one that has stopped stands still while the others go on. Numbers of rows and batch sizes may be
    single ones for all: steps are then counted once, and nobody waits in the middle of an epoch.
    """
    own = jax.tree.map(lambda number: 0 if np.ndim(number) else None, control)
    members = jax.vmap(partial(train_epochs, plan), in_axes=(0, None, 0, 0, 0, own))
    return members(run, data, valid, order, hyper, control)
