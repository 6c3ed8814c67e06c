"""One column of a table: its kind, what is learned of it, and how it is encoded."""

from __future__ import annotations

from collections import Counter
from typing import Any

import narwhals as nw
import numpy as np

from lamina.data.decode import DAY_IN_MICROSECONDS, OTHER
from lamina.errors import DataError


def kind_of(series: nw.Series[Any]) -> str:
    """number, boolean, date or text."""
    dtype = series.dtype
    if series.null_count() == len(series):
        return "number"
    if dtype.is_numeric():
        return "number"
    if dtype == nw.Boolean or (dtype == nw.Object and _holds_truths(series)):
        return "boolean"
    if dtype in (nw.Date, nw.Datetime):
        return "date"
    if dtype in (nw.String, nw.Categorical, nw.Enum, nw.Object):
        return "text"
    raise DataError(
        f'Column "{series.name}" holds {dtype}. Expected numbers, truths, dates or text; convert or remove the column.'
    )


def _holds_truths(series: nw.Series[Any]) -> bool:
    """Whether a pandas column of objects is one of truths with gaps."""
    return all(isinstance(value, (bool, np.bool_)) for value in series.to_list() if not _is_missing(value))


def learn(series: nw.Series[Any], max_categories: int) -> dict[str, Any]:
    """What `fit` keeps of a column."""
    kind = kind_of(series)
    if kind == "text":
        return {"name": series.name, "kind": kind, **_learn_categories(_texts(series), max_categories)}
    values = numbers_of(series, kind)
    known = values[~np.isnan(values)]
    fill = float(np.median(known)) if len(known) else 0.0
    if kind == "boolean":
        return {"name": series.name, "kind": kind, "fill": fill}
    values[np.isnan(values)] = fill
    mean, scale = float(values.mean()), float(values.std())
    constant = scale <= 10 * np.finfo(np.float64).eps * max(abs(mean), 1e-300)
    return {"name": series.name, "kind": kind, "fill": fill, "mean": mean, "scale": 0.0 if constant else scale}


def _learn_categories(texts: list[str | None], limit: int) -> dict[str, Any]:
    """The categories of a text column, in alphabetical order."""
    counts = Counter(texts)
    missing = counts.pop(None, 0) > 0
    frequent = sorted(counts, key=lambda text: (-counts[text], text))[:limit]
    return {"categories": sorted(frequent), "other": len(counts) > limit, "missing": missing}


def encoded_names(column: dict[str, Any]) -> list[str]:
    """Names of the encoded columns that one column becomes."""
    name = column["name"]
    if column["kind"] != "text":
        return [name]
    extra = [OTHER] * column["other"] + ["(missing)"] * column["missing"]
    return [f"{name}_{category}" for category in [*column["categories"], *extra]]


def width_of(column: dict[str, Any]) -> int:
    """How many encoded columns one column becomes."""
    if column["kind"] != "text":
        return 1
    return len(column["categories"]) + column["other"] + column["missing"]


def write(series: nw.Series[Any], column: dict[str, Any], clip: float | None, out: np.ndarray) -> None:
    """Encode one column into its part of the result, which is all zeros."""
    if column["kind"] == "text":
        _write_categories(_texts(series), column, out)
        return
    values = numbers_of(series, column["kind"])
    values[np.isnan(values)] = column["fill"]
    if column["kind"] == "boolean":
        out[:, 0] = values
    elif column["scale"]:
        values = (values - column["mean"]) / column["scale"]
        out[:, 0] = values if clip is None else values / np.sqrt(1 + (values / clip) ** 2)


def write_known(series: nw.Series[Any], column: dict[str, Any], clip: float | None, out: np.ndarray) -> None:
    """The same without what is missing: NaN for a number, no category at all."""
    write(series, column, clip, out)
    if column["kind"] != "text":
        out[np.isnan(numbers_of(series, column["kind"])), 0] = np.nan
    elif column["missing"]:
        out[:, -1] = 0


def _write_categories(texts: list[str | None], column: dict[str, Any], out: np.ndarray) -> None:
    """One 1 per row; an unseen category is "other" where that exists, else all zeros."""
    index: dict[str | None, int] = {category: i for i, category in enumerate(column["categories"])}
    other = len(index) if column["other"] else -1
    index[None] = len(index) + column["other"] if column["missing"] else -1
    codes = np.fromiter((index.get(text, other) for text in texts), dtype=np.int64, count=len(texts))
    rows = np.flatnonzero(codes >= 0)
    out[rows, codes[rows]] = 1


def numbers_of(series: nw.Series[Any], kind: str) -> np.ndarray:
    """A column as a fresh float64 array with NaN where it is missing."""
    name = series.name
    try:
        if kind == "date" and series.dtype in (nw.Date, nw.Datetime):
            missing = series.is_null().to_numpy()
            values = series.cast(nw.Datetime("us")).dt.timestamp("us").cast(nw.Float64).to_numpy() / DAY_IN_MICROSECONDS
            values[missing] = np.nan
        elif series.dtype == nw.Object:
            values = np.array([np.nan if _is_missing(value) else float(value) for value in series.to_list()])
        else:
            values = np.array(_truths(series, kind).cast(nw.Float64).to_numpy(), dtype=np.float64)
    except Exception as error:
        reason = (str(error).splitlines() or [""])[0]
        raise DataError(f'Column "{name}" holds {series.dtype}, the training had a {kind} there ({reason}).') from error
    if np.isinf(values).any():
        raise DataError(f'Column "{name}" has infinite values. Replace them with numbers or empty cells.')
    return values


def _truths(series: nw.Series[Any], kind: str) -> nw.Series[Any]:
    """Text such as "true" where truths are expected, as truths."""
    if kind != "boolean" or series.dtype != nw.String:
        return series
    known = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}
    values = [None if text is None else known[text.strip().lower()] for text in _texts(series)]
    return nw.new_series(series.name, values, nw.Float64, backend=series.implementation)


def _texts(series: nw.Series[Any]) -> list[str | None]:
    """A column as text, with None where it is missing."""
    return [None if _is_missing(value) else _text(value) for value in series.to_list()]


def _is_missing(value: Any) -> bool:
    """None, NaN and pandas' NA and NaT."""
    return (
        value is None or (isinstance(value, float) and np.isnan(value)) or type(value).__name__ in ("NAType", "NaTType")
    )


def _text(value: Any) -> str:
    """One value as text; whole floats look like integers, because an integer column with a gap becomes floats."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
