"""Metrics: classes with Keras' names, and scikit-learn's scores."""

from lamina.metrics.accuracy import (
    BinaryAccuracy,
    CategoricalAccuracy,
    ExactMatch,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
)
from lamina.metrics.auc import AUC
from lamina.metrics.base import METRICS, Metric, Unweighted, weighted_mean
from lamina.metrics.confusion import F1Score, Precision, Recall
from lamina.metrics.lookup import get, resolve
from lamina.metrics.means import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    CosineSimilarity,
    Hinge,
    KLDivergence,
    LogCoshError,
    LossMetric,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from lamina.metrics.regression import R2Score, RootMeanSquaredError

__all__ = [
    "AUC",
    "METRICS",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "ExactMatch",
    "F1Score",
    "Hinge",
    "KLDivergence",
    "LogCoshError",
    "LossMetric",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "Poisson",
    "Precision",
    "R2Score",
    "Recall",
    "RootMeanSquaredError",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SquaredHinge",
    "TopKCategoricalAccuracy",
    "Unweighted",
    "get",
    "resolve",
    "weighted_mean",
]
