"""From an estimator's `scoring` to the score of its validation rows: more is always better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lamina import metrics
from lamina.checks import Constraint, Is, Kind, Name
from lamina.engine.precision import precision
from lamina.engine.program import Program
from lamina.engine.run import Data
from lamina.errors import InvalidParameter
from lamina.metrics import METRICS, LossMetric, Metric
from lamina.neural_network.loss import OVER_CLASSES

#: the score that is minus the validation loss
LOSS = "loss"
CLASSIFICATION_SCORES = (
    *("accuracy", "exact_match", "binary_accuracy", "top_k_categorical_accuracy", "precision", "recall"),
    *("f1", "f1_score", "auc", "binary_crossentropy", "categorical_crossentropy", "mean_squared_error", "mse"),
)
REGRESSION_SCORES = (
    *("r2", "r2_score", "mean_squared_error", "mse", "root_mean_squared_error", "rmse", "mean_absolute_error", "mae"),
    *("mean_absolute_percentage_error", "mape", "mean_squared_logarithmic_error", "msle", "log_cosh", "logcosh"),
    *("huber", "quantile", "pinball", "poisson", "cosine_similarity"),
)
_OTHERS: tuple[Constraint, ...] = (Is(None), Kind((Metric,), "an object of lamina.metrics"))
CLASSIFIER_SCORING: tuple[Constraint, ...] = (Name((LOSS, *CLASSIFICATION_SCORES)), *_OTHERS)
REGRESSOR_SCORING: tuple[Constraint, ...] = (Name((LOSS, *REGRESSION_SCORES)), *_OTHERS)

_OF_CLASS_NUMBERS = (
    metrics.SparseCategoricalAccuracy,
    metrics.SparseTopKCategoricalAccuracy,
    metrics.SparseCategoricalCrossentropy,
)
_OVER_CLASSES = (metrics.CategoricalAccuracy, metrics.TopKCategoricalAccuracy)


class Negative(Metric):
    """Minus another metric, of which less is better.

    Parameters
    ----------
    metric : Metric
        The metric.
    """

    def __init__(self, metric: Metric) -> None:
        super().__init__(name=f"neg_{metric.name}")
        self.metric = metric

    def of_rows(self, y, p, weight):
        return -self.metric.of_rows(y, p, weight)


def scores_of(scoring: Any, default: str, link: str) -> tuple[tuple[str, Metric], ...]:
    """The score in the history by its name there; none where the validation loss decides.

    >>> scores_of("mse", "r2", "identity")
    (('score', Negative(metric=MeanSquaredError())),)
    """
    if isinstance(scoring, str) and scoring == LOSS:
        return ()
    named_default = scoring is None or (isinstance(scoring, str) and scoring == "accuracy")
    metric = METRICS[default] if named_default else metrics.get(scoring)
    _refuse(metric, link)
    return (("score", metric if metric.greater_is_better else Negative(metric)),)


def measure(program: Program, params: Any, state: Any, rows: Data, hyper: Mapping[str, Any]) -> dict[str, float]:
    """The loss and the score on given rows; minus the loss where there is no other score."""
    with precision(program.plan.dtype):
        loss, *scores = np.asarray(program.evaluate(params, state, rows, (None, hyper))).tolist()
    return {"loss": loss, "score": scores[0] if scores else -loss}


def _refuse(metric: Metric, link: str) -> None:
    """Targets are one column per output; two classes share one."""
    why = None
    if isinstance(metric, _OF_CLASS_NUMBERS):
        why = "takes class numbers, but a classifier compares one-hot rows. Use the metric without Sparse"
    of_loss = isinstance(metric, LossMetric) and isinstance(metric.loss, OVER_CLASSES)
    if link == "logistic" and (of_loss or isinstance(metric, _OVER_CLASSES)):
        why = "needs an output for each of three classes or more; here outputs are yes or no. Use accuracy, auc or f1"
    if why:
        raise InvalidParameter(f"scoring={metric!r} {why}.")
