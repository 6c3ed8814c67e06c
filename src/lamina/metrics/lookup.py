"""Metrics by name, and which of them "accuracy" means."""

from __future__ import annotations

import copy
from typing import Any

from lamina import losses
from lamina.checks import Callable_, Kind, Name, check_value
from lamina.errors import UnknownName
from lamina.losses import LOSS_CLASSES, Loss, LossFunction
from lamina.metrics.base import METRICS, Metric
from lamina.metrics.means import LossMetric

#: names whose meaning depends on the targets and the outputs
ACCURACY, CROSSENTROPY = ("accuracy", "acc"), ("crossentropy", "ce")


def get(metric: Any) -> Metric:
    """The metric for a name, a `Metric`, a class of metrics, a loss, or any function of ``(y_true, y_pred)``.

    >>> get("mse"), get("huber")
    (MeanSquaredError(), LossMetric(loss=Huber()))
    >>> get("recal")
    Traceback (most recent call last):
        ...
    lamina.errors.UnknownName: Unknown metric "recal". Did you mean "recall"? ...
    """
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, str):
        return _named(metric)
    metric = getattr(metric, "loss_class", metric)
    if isinstance(metric, type) and issubclass(metric, Metric):
        return metric()
    if isinstance(metric, Loss) or (isinstance(metric, type) and issubclass(metric, Loss)):
        return LossMetric(losses.get(metric))
    known = Name((*METRICS, *LOSS_CLASSES))
    return LossMetric(
        LossFunction(check_value("compile", "metric", metric, known, Kind((Metric,), "a Metric"), Callable_()))
    )


def _named(name: str) -> Metric:
    if name in METRICS:
        return copy.copy(METRICS[name])
    if name in LOSS_CLASSES:
        return LossMetric(LOSS_CLASSES[name](), name=name)
    raise UnknownName.among("metric", name, {*METRICS, *LOSS_CLASSES, *ACCURACY, *CROSSENTROPY})


def resolve(metric: Any, loss: Loss | None, n_outputs: int, n_targets: int = 1) -> tuple[str, Metric]:
    """A metric and its name in the history; "accuracy" and "crossentropy" by the loss, the outputs and the targets.

    They are binary with a binary cross-entropy or a single output; sparse with class numbers, that is with one target
    for several outputs; and categorical otherwise.

    Parameters
    ----------
    metric : str, Metric, Loss or callable
        What `get` takes, or "accuracy", "acc", "crossentropy" or "ce".
    loss : Loss
        The loss that the model is trained with.
    n_outputs : int
        Length of the outputs' last axis.
    n_targets : int, default=1
        Length of the targets' last axis, 1 for targets of shape (n_samples,).

    Returns
    -------
    name : str
        The string that was given, else the metric's own name.
    metric : Metric
        The metric.

    Examples
    --------
    >>> resolve("accuracy", losses.get("sparse_categorical_crossentropy"), n_outputs=10)
    ('accuracy', SparseCategoricalAccuracy())
    >>> resolve("accuracy", losses.get("mse"), n_outputs=1)
    ('accuracy', BinaryAccuracy())
    """
    if not isinstance(metric, str):
        found = get(metric)
        return found.name, found
    if metric.lower() in ACCURACY or metric in CROSSENTROPY:
        kind = "crossentropy" if metric in CROSSENTROPY else "accuracy"
        return metric, get(f"{_family(loss, n_outputs, n_targets)}_{kind}")
    return metric, get(metric)


def _family(loss: Loss | None, n_outputs: int, n_targets: int) -> str:
    if n_outputs == 1 or isinstance(loss, losses.BinaryCrossentropy | losses.BinaryFocalCrossentropy):
        return "binary"
    return "sparse_categorical" if n_targets == 1 else "categorical"
