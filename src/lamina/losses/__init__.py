"""Losses: classes with Keras' names, functions of the same names in lower case, and the estimators' own."""

from lamina.losses.base import LOSS_CLASSES, Loss, LossFunction, aligned
from lamina.losses.canonical import LOSSES
from lamina.losses.crossentropy import (
    OF_CLASS_NUMBERS,
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    CrossEntropy,
    SparseCategoricalCrossentropy,
    is_class,
)
from lamina.losses.likelihood import GaussianNLL, KLDivergence, Poisson
from lamina.losses.linked import MARGINS, OfPredictions, of_output, with_link
from lamina.losses.lookup import function_named, get
from lamina.losses.margin import CategoricalHinge, Hinge, SquaredHinge
from lamina.losses.mixed import MixedColumns
from lamina.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Quantile,
)
from lamina.losses.smoothing import Smoothed

__all__ = [
    "LOSSES",
    "LOSS_CLASSES",
    "MARGINS",
    "OF_CLASS_NUMBERS",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "CrossEntropy",
    "GaussianNLL",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossFunction",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "MixedColumns",
    "OfPredictions",
    "Poisson",
    "Quantile",
    "Smoothed",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "aligned",
    "get",
    "is_class",
    "of_output",
    "with_link",
]


def __getattr__(name: str):
    if name in LOSS_CLASSES:
        return function_named(name)
    raise AttributeError(f"module 'lamina.losses' has no attribute {name!r}")
