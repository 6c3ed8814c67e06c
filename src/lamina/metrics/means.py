"""Losses as metrics: their means over rows."""

from __future__ import annotations

from lamina import losses
from lamina.losses import Loss
from lamina.metrics.base import Metric, enter
from lamina.registry import snake_case


class LossMetric(Metric):
    """The mean over rows of a loss of the predictions.

    Parameters
    ----------
    loss : Loss
        The loss.
    name : str, optional
        Its name in the history, by default that of the loss.

    Examples
    --------
    >>> float(LossMetric(losses.Huber(2.0))([0.0], [[1.0]]))
    0.5
    """

    greater_is_better = False

    def __init__(self, loss: Loss, *, name: str | None = None) -> None:
        super().__init__(name=name or loss.name or snake_case(type(loss).__name__))
        self.loss = loss

    def per_row(self, y, p):
        return self.loss.per_row(y, p)


class _Named(LossMetric):
    """The mean of one class of losses, with the same parameters."""

    loss_class: type[Loss]

    def __init__(self, *, name: str | None = None) -> None:
        super().__init__(self.loss_class(), name=name or snake_case(type(self).__name__))


@enter("mse", "MSE")
class MeanSquaredError(_Named):
    """The mean of `lamina.losses.MeanSquaredError`."""

    loss_class = losses.MeanSquaredError


@enter("mae", "MAE")
class MeanAbsoluteError(_Named):
    """The mean of `lamina.losses.MeanAbsoluteError`."""

    loss_class = losses.MeanAbsoluteError


@enter("mape", "MAPE")
class MeanAbsolutePercentageError(_Named):
    """The mean of `lamina.losses.MeanAbsolutePercentageError`."""

    loss_class = losses.MeanAbsolutePercentageError


@enter("msle", "MSLE")
class MeanSquaredLogarithmicError(_Named):
    """The mean of `lamina.losses.MeanSquaredLogarithmicError`."""

    loss_class = losses.MeanSquaredLogarithmicError


@enter("logcosh", "log_cosh")
class LogCoshError(_Named):
    """The mean of `lamina.losses.LogCosh`."""

    loss_class = losses.LogCosh

    def __init__(self, *, name: str | None = None) -> None:
        super().__init__(name=name or "logcosh")


@enter()
class Poisson(_Named):
    """The mean of `lamina.losses.Poisson`."""

    loss_class = losses.Poisson


@enter("kld", "KLD")
class KLDivergence(_Named):
    """The mean of `lamina.losses.KLDivergence`."""

    loss_class = losses.KLDivergence


@enter()
class Hinge(_Named):
    """The mean of `lamina.losses.Hinge`."""

    loss_class = losses.Hinge


@enter()
class SquaredHinge(_Named):
    """The mean of `lamina.losses.SquaredHinge`."""

    loss_class = losses.SquaredHinge


@enter()
class CategoricalHinge(_Named):
    """The mean of `lamina.losses.CategoricalHinge`."""

    loss_class = losses.CategoricalHinge


@enter()
class CosineSimilarity(_Named):
    """The mean cosine of the angle between targets and predictions: more is better, unlike the loss of that name.

    Examples
    --------
    >>> round(float(CosineSimilarity()([[3.0, 4.0]], [[6.0, 8.0]])), 6)
    1.0
    """

    greater_is_better = True
    loss_class = losses.CosineSimilarity

    def per_row(self, y, p):
        return -super().per_row(y, p)


class _CrossEntropy(LossMetric):
    loss_class: type[Loss]

    def __init__(self, *, name: str | None = None, from_logits: bool = False, label_smoothing: float = 0.0) -> None:
        loss = self.loss_class(from_logits=from_logits, label_smoothing=label_smoothing)  # type: ignore[call-arg]
        super().__init__(loss, name=name or snake_case(type(self).__name__))
        self.from_logits, self.label_smoothing = from_logits, label_smoothing


@enter("bce", "BCE")
class BinaryCrossentropy(_CrossEntropy):
    """The mean of `lamina.losses.BinaryCrossentropy`, with its parameters."""

    loss_class = losses.BinaryCrossentropy


@enter()
class CategoricalCrossentropy(_CrossEntropy):
    """The mean of `lamina.losses.CategoricalCrossentropy`, with its parameters."""

    loss_class = losses.CategoricalCrossentropy


@enter()
class SparseCategoricalCrossentropy(LossMetric):
    """The mean of `lamina.losses.SparseCategoricalCrossentropy`, with its parameters."""

    def __init__(self, *, name: str | None = None, from_logits: bool = False) -> None:
        loss = losses.SparseCategoricalCrossentropy(from_logits)
        super().__init__(loss, name=name or "sparse_categorical_crossentropy")
        self.from_logits = from_logits
