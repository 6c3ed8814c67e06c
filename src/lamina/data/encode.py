"""Encode a table of numbers, truths, dates and text as one float32 array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals as nw
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from lamina.data.column import encoded_names, kind_of, learn, numbers_of, width_of, write, write_known
from lamina.data.decode import decode
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
        self.columns_ = [learn(frame[name], self.max_categories) for name in frame.columns]
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
        return self._encoded(X, write)

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
        return self._encoded(X, write_known)

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
                found.append((kind, width_of(column)))
        return found

    def widths(self) -> list[int]:
        """How many encoded columns each column becomes.

        Returns
        -------
        list of int
        """
        check_is_fitted(self, "columns_")
        return [width_of(column) for column in self.columns_]

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
        return np.array([name for column in self.columns_ for name in encoded_names(column)], dtype=object)

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
        kind_of(series) in ("text", "date") or np.isnan(numbers_of(series, kind_of(series))).any()
        for series in frame.iter_columns()
    )
