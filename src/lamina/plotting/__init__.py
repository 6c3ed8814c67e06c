"""Displays: arrays in, pictures out."""

from lamina.plotting.activation_function import ActivationFunctionDisplay
from lamina.plotting.activation_histogram import ActivationHistogramDisplay
from lamina.plotting.curves import LossCurveDisplay
from lamina.plotting.display import Display
from lamina.plotting.first_layer_weights import FirstLayerWeightsDisplay
from lamina.plotting.gradient_flow import GradientFlowDisplay
from lamina.plotting.learning_rate_finder import LearningRateFinderDisplay
from lamina.plotting.schedule import ScheduleDisplay

__all__ = [
    "ActivationFunctionDisplay",
    "ActivationHistogramDisplay",
    "Display",
    "FirstLayerWeightsDisplay",
    "GradientFlowDisplay",
    "LearningRateFinderDisplay",
    "LossCurveDisplay",
    "ScheduleDisplay",
]
