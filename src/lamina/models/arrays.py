"""Data as a model takes it: checked before any work begins."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lamina.checks import Kind, Number, check_value
from lamina.data.rows import check_finite
from lamina.errors import DataError
from lamina.losses import OF_CLASS_NUMBERS, Loss

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
    """Inputs, targets and weights that fit together and fit the model's loss."""
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
    _check_classes(model.loss, y, model.output_shape)
    weight = None if sample_weight is None else _check_weights(sample_weight, len(x), model.weight_dtype)
    if class_weight is not None:
        of_classes = _weights_of_classes(class_weight, y).astype(model.weight_dtype)
        weight = of_classes if weight is None else weight * of_classes
    return Rows(x, y, weight)


def _check_weights(weights: Any, n_rows: int, dtype: str) -> np.ndarray:
    """A finite weight for each row."""
    array = np.asarray(weights, dtype).ravel()
    if len(array) != n_rows:
        raise DataError(f"There are {n_rows} rows but {len(array)} sample weights.")
    if not np.isfinite(array).all():
        raise DataError(f"The sample weights hold NaN or infinity ({int((~np.isfinite(array)).sum())} values).")
    return array


def _weights_of_classes(class_weight: Any, y: np.ndarray) -> np.ndarray:
    """The weight of each row's class; a class that is not named weighs 1."""
    check_value("fit", "class_weight", class_weight, Kind((Mapping,), "a dict of class number to weight"))
    for label, weight in class_weight.items():
        check_value("fit", "a class of class_weight", label, Number(0))
        check_value("fit", f"class_weight[{label}]", weight, Number(0))
    classes = (y.argmax(axis=1) if y.shape[1] > 1 else y[:, 0]).astype(int)
    return np.array([class_weight.get(label, 1.0) for label in classes])


def _check_classes(loss: Loss | None, y: np.ndarray, output_shape: tuple[int | None, ...]) -> None:
    """Class numbers must have an output each: one that has none would cost nothing and teach nothing."""
    if not isinstance(loss, OF_CLASS_NUMBERS):
        return
    if len(output_shape) == 2 and y.shape[1] != 1:
        raise DataError(
            f"{type(loss).__name__} expects one class number per row. Received targets of shape "
            f'{y.shape}. Use "categorical_crossentropy" for one-hot rows.'
        )
    outputs = output_shape[-1] or 0
    if (y != np.floor(y)).any() or y.min() < 0 or y.max() >= outputs:
        raise DataError(
            f"{type(loss).__name__} expects class numbers from 0 to {outputs - 1} for {outputs} outputs. "
            f"Received numbers from {y.min():g} to {y.max():g}. Give the last layer {int(y.max()) + 1} units, or "
            'use "categorical_crossentropy" for one-hot rows.'
        )


def check_validation(model: Training, data: Any) -> Rows:
    """Rows to validate on, given as a tuple."""
    check_value("fit", "validation_data", data, Kind((tuple, list), "a tuple (x, y) or (x, y, sample_weight)"))
    if len(data) not in (2, 3):
        raise DataError(f"validation_data must be (x, y) or (x, y, sample_weight). Received {len(data)} parts.")
    return check_rows(model, *data)


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
