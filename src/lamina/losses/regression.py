"""Losses of predicted numbers."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from lamina.checks import Number, check_value
from lamina.errors import DataError, InvalidParameter
from lamina.losses.base import LOSS_CLASSES, Loss, PairedLoss

#: what logarithms and divisors are kept above, as in Keras
EPSILON = 1e-7


@LOSS_CLASSES.register("MeanSquaredError", "mean_squared_error", "mse", "MSE")
class MeanSquaredError(PairedLoss):
    """The mean over outputs of ``(y - p)²``.

    Examples
    --------
    >>> float(MeanSquaredError()([[0.0, 1.0]], [[1.0, 3.0]]))
    2.5
    """

    def call(self, y_true, y_pred):
        return jnp.mean(jnp.square(y_true - y_pred), axis=-1)


@LOSS_CLASSES.register("MeanAbsoluteError", "mean_absolute_error", "mae", "MAE")
class MeanAbsoluteError(PairedLoss):
    """The mean over outputs of ``|y - p|``.

    Examples
    --------
    >>> float(MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 3.0]]))
    1.5
    """

    def call(self, y_true, y_pred):
        return jnp.mean(jnp.abs(y_true - y_pred), axis=-1)


@LOSS_CLASSES.register("MeanAbsolutePercentageError", "mean_absolute_percentage_error", "mape", "MAPE")
class MeanAbsolutePercentageError(PairedLoss):
    """The mean over outputs of ``100 |y - p| / max(|y|, 1e-7)``.

    Examples
    --------
    >>> float(MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 5.0]]))
    37.5
    """

    def call(self, y_true, y_pred):
        return 100 * jnp.mean(jnp.abs((y_true - y_pred) / jnp.maximum(jnp.abs(y_true), EPSILON)), axis=-1)


@LOSS_CLASSES.register("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", "msle", "MSLE")
class MeanSquaredLogarithmicError(PairedLoss):
    """The mean over outputs of ``(log(1 + y) - log(1 + p))²``, with y and p at least 1e-7.

    Examples
    --------
    >>> round(float(MeanSquaredLogarithmicError()([[0.0]], [[1.7182818]])), 6)
    1.0
    """

    def call(self, y_true, y_pred):
        logarithms = (jnp.log(jnp.maximum(values, EPSILON) + 1) for values in (y_true, y_pred))
        return jnp.mean(jnp.square(next(logarithms) - next(logarithms)), axis=-1)


@LOSS_CLASSES.register("Huber", "huber")
class Huber(PairedLoss):
    """The mean over outputs of ``e² / 2`` where ``|e| <= delta`` and of ``delta |e| - delta² / 2`` beyond (e = p - y).

    Parameters
    ----------
    delta : float, default=1.0
        Errors up to it count squared, larger ones by their size, so that outliers pull less. Above 0.

    References
    ----------
    Huber, Robust estimation of a location parameter (1964).

    Examples
    --------
    >>> float(Huber()([[0.0, 0.0]], [[1.0, 3.0]]))
    1.5
    """

    traced: ClassVar[tuple[str, ...]] = ("delta",)

    def __init__(self, delta: float = 1.0, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.delta = check_value("Huber", "delta", delta, Number(0, open_low=True))

    def call(self, y_true, y_pred):
        size = jnp.abs(y_pred - y_true)
        beyond = self.delta * (size - 0.5 * self.delta)
        return jnp.mean(jnp.where(size <= self.delta, 0.5 * jnp.square(size), beyond), axis=-1)


@LOSS_CLASSES.register("LogCosh", "log_cosh", "logcosh")
class LogCosh(PairedLoss):
    """The mean over outputs of ``log(cosh(p - y))``: half the square of small errors, the size of large ones.

    Examples
    --------
    >>> round(float(LogCosh()([[0.0]], [[100.0]])), 4)
    99.3069
    """

    def call(self, y_true, y_pred):
        error = y_pred - y_true
        return jnp.mean(error + jax.nn.softplus(-2 * error) - math.log(2), axis=-1)


@LOSS_CLASSES.register("CosineSimilarity", "cosine_similarity")
class CosineSimilarity(PairedLoss):
    """Minus the cosine of the angle between the rows of y and of p; 0 where either is zero.

    Examples
    --------
    >>> round(float(CosineSimilarity()([[3.0, 4.0]], [[6.0, 8.0]])), 6)
    -1.0
    """

    def call(self, y_true, y_pred):
        return -jnp.sum(_unit(y_true) * _unit(y_pred), axis=-1)


def _unit(rows):
    """Rows of length 1; a row shorter than 1e-7 is divided by that."""
    square = jnp.sum(jnp.square(rows), axis=-1, keepdims=True)
    return rows * jax.lax.rsqrt(jnp.maximum(square, EPSILON**2))


@LOSS_CLASSES.register("Quantile", "quantile", "pinball")
class Quantile(Loss):
    """The pinball loss, ``max(q (y - p), (q - 1) (y - p))``: least where p is the quantile q of y given the inputs.

    With several quantiles a network predicts all of them at once, as many outputs for each target: those of the first
    target, then those of the second. The loss is the mean over outputs.

    Parameters
    ----------
    quantile : float, or list or tuple of float, default=0.5
        One quantile or several, each between 0 and 1. Half the absolute error is the loss of the median.

    References
    ----------
    Koenker & Bassett, Regression quantiles (1978).

    Examples
    --------
    >>> round(float(Quantile(0.9)([[2.0]], [[1.0]])), 6), round(float(Quantile(0.9)([[1.0]], [[2.0]])), 6)
    (0.9, 0.1)
    >>> Quantile([0.05, 0.5, 0.95]).per_row(jax.numpy.ones((4, 1)), jax.numpy.ones((4, 3))).shape
    (4,)
    """

    traced: ClassVar[tuple[str, ...]] = ("quantile",)

    def __init__(self, quantile: float | list[float] | tuple[float, ...] = 0.5, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.quantile = quantile
        if not self._quantiles:
            raise InvalidParameter("Quantile expects at least one quantile. Received an empty sequence.")
        for one in self._quantiles:
            check_value("Quantile", "quantile", one, Number(0, 1, open_low=True, open_high=True))

    def hyper(self) -> dict[str, Any]:
        """A single quantile; several are a part of what is compiled."""
        return {} if isinstance(self.quantile, list | tuple) else super().hyper()

    @property
    def _quantiles(self) -> tuple[float, ...]:
        return tuple(self.quantile) if isinstance(self.quantile, list | tuple) else (self.quantile,)

    def call(self, y_true, y_pred):
        wanted = y_true.shape[-1] * len(self._quantiles)
        if y_pred.shape[-1] != wanted:
            raise DataError(
                f"Quantile with {y_true.shape[-1]} targets needs {wanted} outputs, one per target and quantile, "
                f"but the network has {y_pred.shape[-1]}. Give the last layer {wanted} units."
            )
        quantiles = jnp.asarray(self._quantiles, y_pred.dtype)
        error = y_true[..., None] - y_pred.reshape(*y_true.shape, -1)
        return jnp.mean(jnp.maximum(quantiles * error, (quantiles - 1) * error), axis=(-2, -1))
