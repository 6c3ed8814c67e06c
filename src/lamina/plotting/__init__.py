"""Displays: arrays in, pictures out."""

from lamina.plotting.classification_report import ClassificationReportDisplay
from lamina.plotting.confusion_matrix import ConfusionMatrixDisplay
from lamina.plotting.curves import LossCurveDisplay
from lamina.plotting.epoch_curve import EpochCurveDisplay
from lamina.plotting.learning_curve import LearningCurveDisplay
from lamina.plotting.uncertainty import UncertaintyDisplay
from lamina.plotting.validation_curve import ValidationCurveDisplay

__all__ = [
    "ClassificationReportDisplay",
    "ConfusionMatrixDisplay",
    "EpochCurveDisplay",
    "LearningCurveDisplay",
    "LossCurveDisplay",
    "UncertaintyDisplay",
    "ValidationCurveDisplay",
]
