"""Schedules: functions of the step, evaluated on the host, so that none of them ever compiles anything."""

from lamina.optimizers.schedules.base import LearningRateSchedule, Schedule, as_schedule, constant
from lamina.optimizers.schedules.cosine import CosineDecay, CosineDecayRestarts
from lamina.optimizers.schedules.cyclic import OneCycle
from lamina.optimizers.schedules.decay import (
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
    Power,
    inverse_scaling,
)

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "OneCycle",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "Power",
    "Schedule",
    "as_schedule",
    "constant",
    "inverse_scaling",
]
