"""Optimizers on Optax, and schedules."""

from lamina.optimizers.adam import Adam
from lamina.optimizers.base import Optimizer
from lamina.optimizers.sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer"]
