"""What goes on inside a network while it trains, as numbers; and what they mean."""

from lamina.engine.learning_rate_range import LearningRateRange
from lamina.inspection.doctor import Diagnosis, diagnose, doctor, look_through
from lamina.inspection.finding import CODES, Finding, Remedy
from lamina.inspection.gradient_flow import GradientFlow, gradient_flow
from lamina.inspection.importance import input_gradients
from lamina.inspection.learning_rate_finder import find_learning_rate
from lamina.inspection.record import Record, record_of
from lamina.inspection.signal_propagation import SignalPropagation, signal_propagation

__all__ = [
    "CODES",
    "Diagnosis",
    "Finding",
    "GradientFlow",
    "LearningRateRange",
    "Record",
    "Remedy",
    "SignalPropagation",
    "diagnose",
    "doctor",
    "find_learning_rate",
    "gradient_flow",
    "input_gradients",
    "look_through",
    "record_of",
    "signal_propagation",
]
