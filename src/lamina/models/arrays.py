"""Data as a model takes it: checked before any work begins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lamina.checks import Number, check_value
from lamina.data.rows import check_finite
from lamina.errors import DataError
from lamina.losses import Loss, SparseCategoricalCrossentropy

if TYPE_CHECKING:
    from lamina.models.inference import Inference
    from lamina.models.training import Training


class Rows(NamedTuple):
    """Inputs, targets of shape (n_samples, n_outputs), and weights or None."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None


def _as_array(data: Any) -> np.ndarray:
    """Rows or targets as an array; streams of batches and other objects are refused."""
    try:
        array = np.asarray(data.to_numpy() if hasattr(data, "to_numpy") else data)
    except ValueError as error:
        raise DataError(
            f"A model takes arrays of one shape for every row. Received a ragged {type(data).__name__}."
        ) from error
    if array.ndim == 0 and array.dtype == object:
        raise DataError(
            f"A model takes arrays. Received an object of type {type(data).__name__}. Collect the batches of a stream "
            "first: x, y = map(numpy.concatenate, zip(*batches))."
        )
    return array


def check_inputs(model: Inference, x: Any) -> np.ndarray:
    """Inputs as an array of the model's dtype; draws the model's weights if this tells the shape of a row."""
    x = _as_array(x)
    if x.ndim < 2:
        raise DataError(
            f"The inputs need an axis of rows and one of columns. Received the shape {x.shape}. "
            "A single row is x[None], a single column x[:, None]."
        )
    if x.dtype.kind not in "fiub":
        raise DataError(f"The inputs must be numbers. Received an array of {x.dtype}. Encode texts first.")
    if not model.built:
        model.build((None, *x.shape[1:]))
    if model.input_shape != x.shape[1:]:
        raise DataError(f"The model takes rows of shape {model.input_shape}. Received rows of shape {x.shape[1:]}.")
    x = x.astype(model.weight_dtype, copy=False)
    check_finite(x.reshape(len(x), math.prod(x.shape[1:])), "A model")
    return x


def check_rows(model: Training, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None) -> Rows:
    """Inputs, targets and weights that fit together."""
    x = check_inputs(model, x)
    if not len(x):
        raise DataError(f"There are no rows: the inputs have the shape {x.shape}.")
    if y is None:
        raise DataError("The targets are missing. Give rows and targets: fit(x, y); an autoencoder's targets are x.")
    y = _as_array(y)
    if y.dtype.kind not in "fiub":
        raise DataError(f"The targets must be numbers. Received an array of {y.dtype}. Encode classes as 0, 1, 2, ...")
    y = y[:, None] if y.ndim == 1 else y
    if len(y) != len(x):
        raise DataError(f"There are {len(x)} rows but {len(y)} targets.")
    if not np.isfinite(y).all():
        raise DataError(f"The targets hold NaN or infinity ({int((~np.isfinite(y)).sum())} values). Drop those rows.")
    weight = None if sample_weight is None else np.asarray(sample_weight, model.weight_dtype).ravel()
    if weight is not None and len(weight) != len(x):
        raise DataError(f"There are {len(x)} rows but {len(weight)} sample weights.")
    if class_weight:
        classes = (y.argmax(axis=1) if y.shape[1] > 1 else y[:, 0]).astype(int)
        of_classes = np.array([class_weight.get(label, 1.0) for label in classes], model.weight_dtype)
        weight = of_classes if weight is None else weight * of_classes
    return Rows(x, y, weight)


def check_classes(loss: Loss | None, y: np.ndarray, output_shape: tuple[int | None, ...]) -> None:
    """Class numbers must have an output each: one that has none would cost nothing and teach nothing."""
    if not isinstance(loss, SparseCategoricalCrossentropy):
        return
    outputs = output_shape[-1] or 0
    if (y != np.floor(y)).any() or y.min() < 0 or y.max() >= outputs:
        raise DataError(
            f"sparse_categorical_crossentropy expects class numbers from 0 to {outputs - 1} for {outputs} outputs. "
            f"Received numbers from {y.min():g} to {y.max():g}. Give the last layer {int(y.max()) + 1} units, or "
            'use "categorical_crossentropy" for one-hot rows.'
        )


def split_tail(rows: Rows, share: float) -> tuple[Rows, Rows | None]:
    """The rows but the last `share` of them, and those."""
    check_value("fit", "validation_split", share, Number(0, 1, open_high=True))
    if not share:
        return rows, None
    first = int(len(rows.x) * (1 - share))
    if first in (0, len(rows.x)):
        raise DataError(f"validation_split={share} of {len(rows.x)} rows leaves nothing to train or to validate on.")
    x, y, weight = rows
    weights = (None, None) if weight is None else (weight[:first], weight[first:])
    return Rows(x[:first], y[:first], weights[0]), Rows(x[first:], y[first:], weights[1])
