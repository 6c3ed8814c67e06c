"""Optimizers on Optax, and schedules."""

from lamina.optimizers import schedules
from lamina.optimizers.adagrad import Adagrad
from lamina.optimizers.adam import Adam, AdamW
from lamina.optimizers.adamax import Adamax
from lamina.optimizers.base import Optimizer
from lamina.optimizers.lion import Lion
from lamina.optimizers.muon import Muon
from lamina.optimizers.nadam import Nadam
from lamina.optimizers.names import OPTIMIZERS, get
from lamina.optimizers.rmsprop import RMSprop
from lamina.optimizers.schedule_free import ScheduleFreeAdam
from lamina.optimizers.sgd import SGD
from lamina.optimizers.wrapper import Optax

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "Muon",
    "Nadam",
    "Optax",
    "Optimizer",
    "RMSprop",
    "ScheduleFreeAdam",
    "get",
    "schedules",
]
