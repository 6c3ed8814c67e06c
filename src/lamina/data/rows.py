"""Checks of the rows that an estimator receives."""

from __future__ import annotations

import numpy as np
from sklearn.utils.validation import validate_data

from lamina.errors import DataError

#: unchanged columns that a diff still lists
MOST_LINES = 20


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
        if str(error).startswith("could not convert string to float") and (column := _column_of_text(X)) is not None:
            raise DataError(
                f"Column {column} of X holds text: {error}. Make numbers of it first, for example with "
                "sklearn.preprocessing.OneHotEncoder in a sklearn.compose.ColumnTransformer."
            ) from None
        if names_before is None or "feature names" not in str(error).lower() or not hasattr(X, "columns"):
            raise
        raise DataError(f"{error}\nColumns, in fit (-) and now (+):\n{column_diff(names_before, X.columns)}") from None
    rows = checked if isinstance(y, str) else checked[0]
    check_finite(
        rows, getattr(estimator, "_called", type(estimator).__name__), getattr(estimator, "feature_names_in_", None)
    )
    return checked


def _column_of_text(X) -> str | None:
    """The first column that cannot be made a number: its name in quotes, or its position in an array."""
    if hasattr(X, "columns"):
        columns = {f'"{name}"': X[name] for name in X.columns}
    else:
        table = np.asarray(X)
        columns = {str(i): table[:, i] for i in range(table.shape[1])} if table.ndim == 2 else {}
    for name, column in columns.items():
        try:
            np.asarray(column).astype(np.float64)
        except (TypeError, ValueError):
            return name
    return None


def column_diff(before, now) -> str:
    """The columns of fit and of now as a diff: one a line, '-' gone, '+' new; many that stay are only counted."""
    before, now = [str(name) for name in before], [str(name) for name in now]
    gone = [f"- {name}" if name not in now else f"  {name}" for name in before]
    lines = gone + [f"+ {name}" for name in now if name not in before]
    changes = [line for line in lines if line[0] in "-+"]
    kept = len(lines) - len(changes)
    if not changes:
        return "\n".join([*(lines if kept <= MOST_LINES else []), "(the same columns in another order)"])
    return "\n".join(lines if kept <= MOST_LINES else [*changes, f"  ({kept} columns are in both)"])
