"""What goes on inside a network while it trains, as numbers; and what they mean."""

from lamina.inspection.doctor import Diagnosis, diagnose, doctor
from lamina.inspection.finding import CODES, Finding, Remedy
from lamina.inspection.gradient_flow import GradientFlow, gradient_flow
from lamina.inspection.importance import input_gradients
from lamina.inspection.record import Record, record_of

__all__ = [
    "CODES",
    "Diagnosis",
    "Finding",
    "GradientFlow",
    "Record",
    "Remedy",
    "diagnose",
    "doctor",
    "gradient_flow",
    "input_gradients",
    "record_of",
]
