"""Encode a table of numbers, truths, dates and text as one float32 array."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import narwhals as nw
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from lamina.data.decode import DAY_IN_MICROSECONDS, OTHER, decode
from lamina.errors import DataError


class TableEncoder(TransformerMixin, BaseEstimator):
    """Turn raw table rows into the float32 array that a network trains on.

    Numbers and dates (in days) are filled with the median of the training rows, standardised and softly limited:
    z becomes z / sqrt(1 + (z / clip)²), so that a few far values don't rule the rest. Truths become 0 and 1; text
    becomes one column per category. A missing text is a category of its own if the training rows have one.

    Parameters
    ----------
    max_categories : int, default=30
        A text column with more categories than this keeps the most frequent ones; the others share one column.
    clip : float or None, default=3.0
        Limit of standardised numbers, reached only far out; None for no limit.

    Attributes
    ----------
    columns_ : list of dict
        What was learnt of each column: its name, its kind and the numbers or categories of that kind.
    feature_names_in_ : ndarray of str
        Names of the columns seen in `fit`.
    n_features_in_ : int
        How many there were.
    backend_ : str
        The library whose table `fit` was given, "pandas" or "polars"; the latter for an array.

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart (2024), "Better by default", the smooth clipping of RealMLP.

    Examples
    --------
    >>> import polars as pl
    >>> encoder = TableEncoder(clip=None).fit(pl.DataFrame({"age": [1, 3], "city": ["Ulm", "Bern"]}))
    >>> encoder.transform(pl.DataFrame({"city": ["Bern", "Rome"], "age": [3, None]}))
    array([[1., 1., 0.],
           [0., 0., 0.]], dtype=float32)
    >>> [str(name) for name in encoder.get_feature_names_out()]
    ['age', 'city_Bern', 'city_Ulm']
    """

    columns_: list[dict[str, Any]]

    def __init__(self, max_categories: int = 30, clip: float | None = 3.0) -> None:
        self.max_categories = max_categories
        self.clip = clip

    def fit(self, X: Any, y: Any = None) -> TableEncoder:
        """Learn fill values, scales and categories from the training rows.

        Parameters
        ----------
        X : pandas or polars DataFrame, or array of shape (n_rows, n_columns)
            The training rows.
        y : ignored

        Returns
        -------
        TableEncoder
            Itself.
        """
        frame = _frame(X)
        if frame.shape[0] == 0 or frame.shape[1] == 0:
            raise DataError(f"Got a table of shape {frame.shape}. Expected at least one row and one column.")
        self.columns_ = [_learn(frame[name], self.max_categories) for name in frame.columns]
        self.feature_names_in_ = np.array(frame.columns, dtype=object)
        self.n_features_in_ = len(frame.columns)
        self.backend_ = frame.implementation.value
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Encode rows. Columns are found by name, in any order; others are ignored.

        Parameters
        ----------
        X : pandas or polars DataFrame, or array of shape (n_rows, n_columns)
            Rows with at least the columns seen in `fit`.

        Returns
        -------
        ndarray of float32, shape (n_rows, n_encoded)
        """
        return self._encoded(X, _write)

    def targets(self, X: Any) -> np.ndarray:
        """Encode rows as :class:`lamina.losses.MixedColumns` compares them: what is missing is not filled.

        Parameters
        ----------
        X : pandas or polars DataFrame, or array of shape (n_rows, n_columns)
            Rows with at least the columns seen in `fit`.

        Returns
        -------
        ndarray of float32, shape (n_rows, n_encoded)
            As `transform`, but a missing number is NaN, and all columns of a missing category are 0.
        """
        return self._encoded(X, _write_known)

    def inverse_transform(self, X: np.ndarray) -> Any:
        """Make a table of encoded rows, or of predictions of them.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_encoded)
            Encoded numbers, and probabilities of truths and categories.

        Returns
        -------
        DataFrame
            Of the library that `fit` was given one of: numbers in their units, the most probable categories as text.
            Where a value was missing stands what it was filled with, and "(other)" for the categories that share a
            column.
        """
        check_is_fitted(self, "columns_")
        parts = zip(self.columns_, self._slices())
        table = {column["name"]: decode(column, self.clip, X[:, part]) for column, part in parts}
        series = {name: values.tolist() if values.dtype == object else values for name, values in table.items()}
        return nw.from_dict(series, backend=self.backend_).to_native()

    def blocks(self) -> list[tuple[str, int]]:
        """What the encoded columns are: kinds and numbers of neighbours of one kind, such as ``("number", 3)``.

        Returns
        -------
        list of (str, int)
            The kind is "number" (dates too), "boolean" or "category", which is one text column by itself.
        """
        check_is_fitted(self, "columns_")
        found: list[tuple[str, int]] = []
        for column in self.columns_:
            kind = {"date": "number", "text": "category"}.get(column["kind"], column["kind"])
            if found and kind == found[-1][0] != "category":
                found[-1] = (kind, found[-1][1] + 1)
            else:
                found.append((kind, _width(column)))
        return found

    def widths(self) -> list[int]:
        """How many encoded columns each column becomes.

        Returns
        -------
        list of int
        """
        check_is_fitted(self, "columns_")
        return [_width(column) for column in self.columns_]

    def _slices(self) -> list[slice]:
        """Where each column's encoded columns are."""
        ends = np.cumsum(self.widths()).tolist()
        return [slice(end - width, end) for width, end in zip(self.widths(), ends)]

    def _encoded(self, X: Any, write: Callable[..., None]) -> np.ndarray:
        """Rows whose columns are written one by one."""
        check_is_fitted(self, "columns_")
        frame = self._matched(_frame(X), by_name=hasattr(X, "columns"))
        out = np.zeros((frame.shape[0], sum(self.widths())), dtype=np.float32)
        for column, part in zip(self.columns_, self._slices()):
            write(frame[column["name"]], column, self.clip, out[:, part])
        return out

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the encoded columns.

        Parameters
        ----------
        input_features : ignored
            For scikit-learn.

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self, "columns_")
        return np.array([name for column in self.columns_ for name in _names(column)], dtype=object)

    def _matched(self, frame: nw.DataFrame[Any], by_name: bool) -> nw.DataFrame[Any]:
        """The frame with the names seen in fit; arrays are matched by position."""
        expected = [column["name"] for column in self.columns_]
        if not by_name:
            if len(frame.columns) != len(expected):
                raise DataError(f"Got {len(frame.columns)} columns, expected {len(expected)}: {', '.join(expected)}.")
            return frame.rename(dict(zip(frame.columns, expected, strict=True)))
        if set(expected) <= set(frame.columns):
            return frame
        lines = [f"{' ' if name in frame.columns else '-'} {name}" for name in expected]
        lines += [f"+ {name}" for name in frame.columns if name not in expected]
        raise DataError(
            "The columns are not those of the training (- is missing, + is new). Rename or add columns:\n"
            + "\n".join(lines)
        )


def _frame(X: Any) -> nw.DataFrame[Any]:
    """Any table as a narwhals frame; arrays get the columns x0, x1, ..."""
    if hasattr(X, "columns"):
        try:
            frame = nw.from_native(X, eager_only=True)
        except TypeError as error:
            raise DataError(f"Got a {type(X).__name__}. Expected a pandas or polars DataFrame, or an array.") from error
        return _with_text_names(frame)
    import polars as pl

    array = np.asarray(X)
    if array.ndim != 2:
        raise DataError(
            f"Got an array of shape {array.shape}. Expected rows and columns; use X.reshape(-1, n_columns)."
        )
    columns = {f"x{i}": array[:, i] for i in range(array.shape[1])}
    if array.dtype == object:
        return nw.from_native(pl.DataFrame({n: pl.Series(c.tolist(), strict=False) for n, c in columns.items()}))
    return nw.from_native(pl.DataFrame(columns))


def _with_text_names(frame: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """pandas allows numbers as column names; they become text."""
    changed = {name: str(name) for name in frame.columns if not isinstance(name, str)}
    return frame.rename(changed) if changed else frame


def is_mixed(X: Any) -> bool:
    """Whether it is a table that only an encoder makes numbers of: with text, dates or missing values."""
    if not hasattr(X, "columns"):
        return False
    frame = _frame(X)
    return any(
        _kind(series) in ("text", "date") or np.isnan(_numbers(series, _kind(series))).any()
        for series in frame.iter_columns()
    )


# --- one column -------------------------------------------------------------------------------------------------------


def _kind(series: nw.Series[Any]) -> str:
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


def _learn(series: nw.Series[Any], max_categories: int) -> dict[str, Any]:
    """What `fit` keeps of a column."""
    kind = _kind(series)
    if kind == "text":
        return {"name": series.name, "kind": kind, **_learn_categories(_texts(series), max_categories)}
    values = _numbers(series, kind)
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


def _names(column: dict[str, Any]) -> list[str]:
    """Names of the encoded columns that one column becomes."""
    name = column["name"]
    if column["kind"] != "text":
        return [name]
    extra = [OTHER] * column["other"] + ["(missing)"] * column["missing"]
    return [f"{name}_{category}" for category in [*column["categories"], *extra]]


def _width(column: dict[str, Any]) -> int:
    if column["kind"] != "text":
        return 1
    return len(column["categories"]) + column["other"] + column["missing"]


def _write(series: nw.Series[Any], column: dict[str, Any], clip: float | None, out: np.ndarray) -> None:
    """Encode one column into its part of the result, which is all zeros."""
    if column["kind"] == "text":
        _write_categories(_texts(series), column, out)
        return
    values = _numbers(series, column["kind"])
    values[np.isnan(values)] = column["fill"]
    if column["kind"] == "boolean":
        out[:, 0] = values
    elif column["scale"]:
        values = (values - column["mean"]) / column["scale"]
        out[:, 0] = values if clip is None else values / np.sqrt(1 + (values / clip) ** 2)


def _write_known(series: nw.Series[Any], column: dict[str, Any], clip: float | None, out: np.ndarray) -> None:
    """The same without what is missing: NaN for a number, no category at all."""
    _write(series, column, clip, out)
    if column["kind"] != "text":
        out[np.isnan(_numbers(series, column["kind"])), 0] = np.nan
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


def _numbers(series: nw.Series[Any], kind: str) -> np.ndarray:
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
