"""The rows that a source takes: columns by name or by position, images of its size, and its own preprocessing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import check_array, validate_data

from lamina.data.rows import column_diff
from lamina.errors import DataError


@dataclass
class Columns:
    """What rows are and what they go through before the first layer."""

    #: the shape of one row, as the first layer was trained on it
    input_shape: tuple[int, ...]
    #: number of columns, as the first transformer or layer takes them
    n_columns: int
    #: their names, if they are known
    names: tuple[str, ...] = ()
    #: fitted transformers that rows go through first
    preprocessing: Pipeline | None = None

    def learn(self, first: Any) -> None:
        """Take names and number from what rows go through first."""
        self.names = tuple(str(name) for name in getattr(first, "feature_names_in_", ()))
        self.n_columns = int(getattr(first, "n_features_in_", self.n_columns))

    def rows(self, estimator: Any, X: Any, reset: bool) -> Any:
        """What the first layer takes; with `reset` the estimator learns the columns of X."""
        if self.preprocessing is not None and not get_tags(self.preprocessing[0]).input_tags.two_d_array:
            return self.preprocessing.transform(X)  # texts, for example, have no columns yet
        if not hasattr(X, "columns"):
            X = self._flat(X)
        elif self.names:
            X = self._by_name(X)
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        if X.shape[1] != self.n_columns:
            raise DataError(self._other_width(X.shape[1]))
        return X if self.preprocessing is None else self.preprocessing.transform(X)

    def _flat(self, X: Any) -> Any:
        """Images as rows; tables as arrays or sparse matrices."""
        X = check_array(X, accept_sparse=True, dtype=None, allow_nd=True, ensure_all_finite=False)
        if len(X.shape) < 3:
            return X
        given, wanted = X.shape[1:], self.input_shape
        if _size(given) != _size(wanted) and (len(wanted) > 1 or math.prod(given) != self.n_columns):
            size = wanted if len(wanted) > 1 else _image(self.n_columns)
            what = f"The source takes rows of shape {wanted}, but received {given}. "
            raise DataError(what + (_remedy_for_images(given, size) if size else "Give its columns in its order."))
        return X.reshape(len(X), -1)

    def _by_name(self, X: Any) -> Any:
        """The columns that the source knows, in its order; others are left out."""
        names = [str(name) for name in X.columns]
        missing = [name for name in self.names if name not in names]
        if missing:
            raise DataError(
                f"The source was trained on {len(self.names)} columns, of which X lacks {len(missing)}. Rename those "
                "that mean the same (X.rename(columns={yours: source's}) in pandas), or add them.\n"
                f"Columns, of the source (-) and of X (+):\n{column_diff(self.names, names)}"
            )
        return X[list(self.names)]

    def _other_width(self, width: int) -> str:
        what = f"The source takes {self.n_columns} columns, but X has {width}. "
        wanted = self.input_shape if len(self.input_shape) > 1 else _image(self.n_columns)
        given = _image(width)
        if given and wanted:
            return what + _remedy_for_images(given, wanted)
        if not self.names:
            return what + "Give its columns in its order."
        shown = ", ".join(self.names[:10]) + (", ..." if len(self.names) > 10 else "")
        return what + f"Give its columns in its order ({shown}), or a DataFrame that has them."


def _image(n_pixels: int) -> tuple[int, int] | None:
    """The size of a square image of so many pixels; None where there is none of a plausible size."""
    side = math.isqrt(n_pixels)
    return (side, side) if side * side == n_pixels and side >= 6 else None


def _size(shape: Any) -> tuple[int, ...]:
    """The shape of an image without an axis for a single channel."""
    return tuple(shape[:2]) if len(shape) == 3 and shape[2] == 1 else tuple(shape)


def _remedy_for_images(given: Any, wanted: Any) -> str:
    return (
        "If these are images of another size, resize them first: make_pipeline(lamina.reuse.ResizeImages("
        f"{_size(given)}, {_size(wanted)}), FineTuneClassifier(...))."
    )
