"""Checks of the rows that an estimator receives."""

from __future__ import annotations

import numpy as np
from sklearn.utils.validation import validate_data

from lamina.errors import DataError


def check_finite(X, estimator_name: str, names: np.ndarray | None = None) -> None:
    """Raise for NaN or infinite values, naming the column."""
    values = X.data if hasattr(X, "indptr") else X
    if np.isfinite(values.sum(dtype=np.float64)) or np.isfinite(values).all():
        return
    if hasattr(X, "indptr"):
        columns = X.tocsr().indices if hasattr(X, "tocsr") else X.indices
        column, rows = int(columns[~np.isfinite(X.tocsr().data)][0]), int((~np.isfinite(values)).sum())
        missing = bool(np.isnan(values).any())
    else:
        bad = ~np.isfinite(X)
        column = int(bad.any(axis=0).argmax())
        rows, missing = int(bad[:, column].sum()), bool(np.isnan(X[:, column]).any())
    name = f'"{names[column]}"' if names is not None else str(column)
    what = "NaN" if missing else "infinity or a value too large for its dtype"
    remedy = (
        "Fill missing values first, for example with sklearn.impute.SimpleImputer in a Pipeline, or drop those rows."
        if missing
        else "Clip or drop those values first."
    )
    raise DataError(
        f"Input X contains {what} in column {name} ({rows} rows). {estimator_name} needs finite numbers. {remedy}"
    )


def check_rows(estimator, X, y="no_validation", *, reset: bool, y_numeric: bool = False):
    """X (and y) as arrays: scikit-learn's own checks, with the column of a bad value or a changed column named."""
    names_before = getattr(estimator, "feature_names_in_", None)
    options = {
        "accept_sparse": ["csr", "csc"],
        "dtype": (np.float64, np.float32),
        "ensure_all_finite": False,
        "reset": reset,
    }
    if not isinstance(y, str):
        options |= {"multi_output": True, "y_numeric": y_numeric}
    try:
        checked = validate_data(estimator, X, y, **options)
    except ValueError as error:
        if names_before is None or "feature names" not in str(error).lower() or not hasattr(X, "columns"):
            raise
        raise DataError(f"{error}\nColumns, in fit (-) and now (+):\n{column_diff(names_before, X.columns)}") from None
    rows = checked if isinstance(y, str) else checked[0]
    check_finite(rows, type(estimator).__name__, getattr(estimator, "feature_names_in_", None))
    return checked


def column_diff(before, now) -> str:
    """The columns of fit and of now as a diff: one a line, '-' gone, '+' new."""
    before, now = [str(name) for name in before], [str(name) for name in now]
    gone = [f"- {name}" if name not in now else f"  {name}" for name in before]
    lines = gone + [f"+ {name}" for name in now if name not in before]
    same = not any(line[0] in "-+" for line in lines)
    return "\n".join([*lines, "(the same columns in another order)"] if same else lines)
