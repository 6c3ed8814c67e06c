"""What a table of rows looks like: each column's kind, gaps and values."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np

from lamina.errors import DataError

Tree = dict[str, Any]

#: what a report shows, however large the data are
MOST_COLUMNS, MOST_CHARACTERS, MOST_CLASSES = 200, 80, 100


def clip(value: Any) -> str:
    """A value as text of bounded length."""
    text = str(value)
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def as_frame(X: Any, word: str = "column") -> nw.DataFrame:
    """Rows as a data frame: those of pandas and polars as they are, arrays (images too) with numbered columns."""
    frame = nw.from_native(X, eager_only=True, pass_through=True)
    if isinstance(frame, nw.DataFrame):
        return frame
    import polars as pl

    array = np.asarray(X.toarray() if hasattr(X, "toarray") else X)
    if array.ndim < 2:
        raise DataError(f"Got rows of shape {array.shape}. Expected a table: an array of shape (n_rows, n_columns).")
    array = array.reshape(len(array), -1)
    names = [f"{word} {number}" for number in range(1, array.shape[1] + 1)]
    return nw.from_native(pl.DataFrame(array, schema=names, strict=False), eager_only=True)


def one_per_row(y: Any) -> Any:
    """Targets in a single column without its axis; others as they are."""
    return np.asarray(y)[:, 0] if np.ndim(y) == 2 and np.shape(y)[1] == 1 else y


def describe_table(X: Any, word: str = "column") -> Tree:
    """The number of rows and columns, and a summary of the first 200 columns."""
    frame = as_frame(X, word)
    shown = frame.columns[:MOST_COLUMNS]
    return {
        "n_rows": len(frame),
        "n_columns": len(frame.columns),
        "columns": [{"name": clip(name), **_describe(frame.get_column(name))} for name in shown],
    }


def describe_target(name: str, target: Any, classes: bool) -> Tree:
    """How often each class occurs, the most frequent first; or the range of the numbers; several targets as columns."""
    values = np.asarray(target)
    if values.ndim > 1:
        return {"name": clip(name), **describe_table(target, "target")}
    if not classes:
        low, middle, high = np.percentile(values, [0, 50, 100]).tolist()
        spread = {"low": low, "median": middle, "mean": float(values.mean()), "high": high}
        return {"name": clip(name), "numbers": spread | {"deviation": float(values.std())}}
    labels, counts = np.unique(values, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MOST_CLASSES]
    shares = [{"name": clip(labels[k]), "rows": int(counts[k]), "share": counts[k] / len(values)} for k in order]
    return {"name": clip(name), "n_classes": len(labels), "classes": shares}


def _describe(column: nw.Series) -> Tree:
    """The kind of a column, the share of missing values, and what the others are like."""
    kind = _kind(column.dtype)
    known = column.drop_nulls()
    if kind == "numbers" and column.dtype.is_float():
        known = known.filter(~known.is_nan())
    summary: Tree = {"kind": kind, "missing": 1 - len(known) / max(len(column), 1), "text": ""}
    summary |= dict.fromkeys(("low", "mean", "high"))
    if len(known) == 0:
        return summary
    if kind == "numbers":
        numbers = {"low": known.min(), "mean": known.mean(), "high": known.max()}
        return summary | {name: float(value) for name, value in numbers.items()}
    if kind == "dates":
        return summary | {"text": f"{known.min()} to {known.max()}"}
    if kind in ("text", "yes or no"):
        counts = known.value_counts(sort=True, name="count").head(3)
        frequent = ", ".join(f"{clip(value)} ({count:,})" for value, count in counts.rows())
        return summary | {"text": f"{known.n_unique():,} different: {frequent}"}
    return summary


def _kind(dtype: Any) -> str:
    """A word for a column's type."""
    if dtype.is_numeric():
        return "numbers"
    if dtype == nw.Boolean:
        return "yes or no"
    if dtype.is_temporal():
        return "dates"
    return "text" if dtype in (nw.String, nw.Categorical, nw.Enum, nw.Object) else str(dtype)
