"""From encoded columns back to a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

DAY_IN_MICROSECONDS = 86_400_000_000
#: what stands for the categories that share a column
OTHER = "(other)"


def decode(column: dict[str, Any], clip: float | None, encoded: np.ndarray) -> np.ndarray:
    """A column's values, from the encoded columns that it became, or from predictions of them."""
    return DECODERS[column["kind"]](column, clip, encoded.astype(np.float64))


def _numbers(column: dict[str, Any], clip: float | None, encoded: np.ndarray) -> np.ndarray:
    """Numbers in their own units."""
    z = encoded[:, 0]
    if clip is not None:
        z = np.clip(z, -0.999 * clip, 0.999 * clip)
        z = z / np.sqrt(1 - (z / clip) ** 2)
    return column["mean"] + column["scale"] * z


def _dates(column: dict[str, Any], clip: float | None, encoded: np.ndarray) -> np.ndarray:
    """Points in time."""
    days = _numbers(column, clip, encoded)
    return np.round(days * DAY_IN_MICROSECONDS).astype("datetime64[us]")


def _truths(column: dict[str, Any], clip: float | None, encoded: np.ndarray) -> np.ndarray:
    """What is more probable."""
    return encoded[:, 0] > 0.5


def _texts(column: dict[str, Any], clip: float | None, encoded: np.ndarray) -> np.ndarray:
    """The most probable category: never that a value is missing."""
    names = [*column["categories"], *[OTHER] * column["other"]]
    return np.array(names, object)[encoded[:, : len(names)].argmax(axis=1)]


DECODERS: dict[str, Callable[..., np.ndarray]] = {
    "number": _numbers,
    "date": _dates,
    "boolean": _truths,
    "text": _texts,
}
