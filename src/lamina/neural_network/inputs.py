"""What `fit` is given beside its rows, checked: weights, validation rows, first weights, activations."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from sklearn.utils.validation import _check_sample_weight

from lamina.errors import DataError, InvalidParameter


class Prepared(NamedTuple):
    """Rows, targets, weights, validation rows and generator of a training that may begin."""

    X: np.ndarray
    targets: np.ndarray
    weight: np.ndarray | None
    validation: tuple | None
    rng: np.random.RandomState


def dense_rows(X) -> np.ndarray:
    """Rows as a dense array; sparse rows that would not fit in memory are refused with their size."""
    if not hasattr(X, "toarray"):
        return X
    needed = X.shape[0] * X.shape[1] * X.dtype.itemsize
    if needed > 8 * 2**30:
        raise DataError(
            f"The sparse matrix of shape {X.shape} needs {needed / 2**30:.0f} GiB when dense. Reduce its columns "
            f"first (sklearn.decomposition.TruncatedSVD, sklearn.feature_selection), or use partial_fit on parts of it."
        )
    return X.toarray()


def check_total(weight: np.ndarray | None) -> np.ndarray | None:
    """Row weights, if their sum is positive: otherwise the loss is no mean, and its smallest value is no aim."""
    if weight is not None and not weight.any():
        raise DataError("All sample weights are zero: there is nothing to learn from. Give at least one a weight.")
    if weight is not None and weight.sum() <= 0:
        raise DataError(
            f"The sample weights (with class weights) sum to {weight.sum():g}; training expects a positive sum. "
            f"{int((weight < 0).sum())} of {len(weight)} are negative: give most rows a positive weight."
        )
    return weight


def check_validation_form(given: Any) -> Any:
    """Rows and targets, with weights or without."""
    if not isinstance(given, list | tuple) or len(given) not in (2, 3):
        raise DataError(
            "validation_data expects a tuple (X_val, y_val) or (X_val, y_val, sample_weight_val). "
            f"Received {type(given).__name__}" + (f" of length {len(given)}." if hasattr(given, "__len__") else ".")
        )
    return given


def check_validation(
    estimator, given: Any, n_outputs: int, name: str = "validation_data"
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Validation rows in the form of the training rows: inputs, encoded targets, weights. `name` is for errors."""
    check_validation_form(given)
    try:
        X, y = estimator._check_data(*given[:2], first=False)
        targets = estimator._encode_target(y, first=False, incremental=True)
        if targets.shape[1] != n_outputs:
            raise DataError(f"y_val has {targets.shape[1]} outputs, but y has {n_outputs}. Give both the same columns.")
        weight = check_total(_check_sample_weight(given[2], X)) if len(given) == 3 else None
    except ValueError as error:
        raise DataError(f"{name}: {error}") from None
    return dense_rows(X), targets, weight


def first_weights(name: str, given: Any, drawn: list[np.ndarray]) -> list[np.ndarray]:
    """Given arrays in place of drawn ones; they must be finite and of the same shapes."""
    if given is None:
        return drawn
    if not isinstance(given, list | tuple):
        raise DataError(f"{name} expects a list of arrays, one per layer. Received {type(given).__name__}.")
    shapes, wanted = [np.shape(array) for array in given], [array.shape for array in drawn]
    if shapes != wanted:
        raise DataError(f"{name} has shapes {shapes}, but this network has {wanted}. Give one array per layer.")
    arrays = [np.array(array, dtype=of.dtype) for array, of in zip(given, drawn)]
    for i, array in enumerate(arrays):
        if not np.isfinite(array).all():
            raise DataError(f"{name}[{i}] contains NaN or infinity. Training can only start from finite numbers.")
    return arrays


def check_activation(activation: Any) -> None:
    """Raise unless JAX can trace the function and it keeps the shape. Nothing is compiled."""
    name = getattr(activation, "__name__", type(activation).__name__)
    twin = name if isinstance(activation, np.ufunc) and hasattr(jnp, name) else "tanh"
    remedy = (
        f"An activation is a function of one array, written with jax.numpy (jax.numpy.{twin}, jax.numpy.maximum, "
        "jax.numpy.where, ...) instead of NumPy, SciPy, math or Python's if."
    )

    def traced(z):  # NumPy's own functions cannot be traced as they are
        return activation(z)

    try:
        out = jax.eval_shape(traced, jax.ShapeDtypeStruct((2, 3), np.float32))
    except Exception as error:
        reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        raise InvalidParameter(f"activation {name} cannot be traced by JAX ({reason}). {remedy}") from error
    if getattr(out, "shape", None) != (2, 3) or not jnp.issubdtype(out.dtype, jnp.floating):
        got = f"{out.dtype} of shape {out.shape}" if hasattr(out, "shape") else type(out).__name__
        raise InvalidParameter(f"activation {name} makes {got} from float32 of shape (2, 3). It must keep both.")


def warn_of_large_targets(y: np.ndarray) -> None:
    """Gradient steps of the usual size crawl towards targets in the ten thousands: say how to scale them."""
    scale = float(np.std(y))
    if scale > 1e4:
        warnings.warn(
            f"The targets have a standard deviation of {scale:.3g}; training expects about 1 and may be slow or "
            "diverge. Scale them: "
            "sklearn.compose.TransformedTargetRegressor(MLPRegressor(...), transformer=StandardScaler()).",
            UserWarning,
            stacklevel=5,
        )
