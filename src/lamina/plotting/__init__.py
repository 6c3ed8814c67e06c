"""Displays: arrays in, pictures out."""

from lamina.plotting.activation_function import ActivationFunctionDisplay
from lamina.plotting.activation_histogram import ActivationHistogramDisplay
from lamina.plotting.classification_report import ClassificationReportDisplay
from lamina.plotting.confusion_matrix import ConfusionMatrixDisplay
from lamina.plotting.curves import LossCurveDisplay
from lamina.plotting.display import Display
from lamina.plotting.epoch_curve import EpochCurveDisplay
from lamina.plotting.first_layer_weights import FirstLayerWeightsDisplay
from lamina.plotting.gradient_flow import GradientFlowDisplay
from lamina.plotting.learning_curve import LearningCurveDisplay
from lamina.plotting.learning_rate_finder import LearningRateFinderDisplay
from lamina.plotting.schedule import ScheduleDisplay
from lamina.plotting.uncertainty import UncertaintyDisplay
from lamina.plotting.validation_curve import ValidationCurveDisplay

__all__ = [
    "ActivationFunctionDisplay",
    "ActivationHistogramDisplay",
    "ClassificationReportDisplay",
    "ConfusionMatrixDisplay",
    "Display",
    "EpochCurveDisplay",
    "FirstLayerWeightsDisplay",
    "GradientFlowDisplay",
    "LearningCurveDisplay",
    "LearningRateFinderDisplay",
    "LossCurveDisplay",
    "ScheduleDisplay",
    "UncertaintyDisplay",
    "ValidationCurveDisplay",
]
