"""Names and scales along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.errors import DataError

#: letters of a name that an axis has room for
LONGEST = 24


def names_of(labels: Any, display_labels: Any) -> np.ndarray:
    """What classes are called: by given names, one for each label, or by the labels themselves."""
    if display_labels is None:
        return np.asarray(labels)
    if len(display_labels) != len(labels):
        raise DataError(
            f"Got {len(display_labels)} display_labels for {len(labels)} classes. Expected a name for each of "
            f"{', '.join(str(label) for label in labels)}."
        )
    return np.asarray(display_labels)


def name_ticks(axis: Any, names: Sequence[Any] | np.ndarray) -> None:
    """Names at 0, 1, 2, ...; as they are, since a class called "$a$" is no formula."""
    texts = [str(name) for name in names]
    short = [text if len(text) <= LONGEST else text[: LONGEST - 1] + "…" for text in texts]
    axis.set_ticks(range(len(short)), short, parse_math=False)


def scale_for(x: np.ndarray) -> dict[str, Any]:
    """The arguments of `set_xscale` for numbers: logarithmic where their gaps differ more than fivefold."""
    gaps = np.diff(np.unique(x))
    if len(gaps) < 2 or gaps.max() <= 5 * gaps.min():
        return {"value": "linear"}
    return {"value": "log"} if x.min() > 0 else {"value": "symlog", "linthresh": np.abs(x[x != 0]).min()}


def log_if_wide(axes: Any, values: np.ndarray) -> None:
    """A logarithmic scale upwards for positive numbers that span more than a factor of 30."""
    known = values[np.isfinite(values)]
    if len(known) and known.min() > 0 and known.max() > 30 * known.min():
        axes.set_yscale("log")
