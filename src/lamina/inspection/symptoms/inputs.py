"""Inputs that make training hard, and columns that tell nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.feature_selection import VarianceThreshold
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from lamina.inspection.finding import Finding, Remedy
from lamina.inspection.record import Record
from lamina.layers import BatchNormalization, Flatten, InputLayer, Normalization, Reshape

#: root mean squares of a column (1 where it is standardised) from which on it is worth a word, and severe
LARGE, HUGE = 5.0, 30.0
#: standardised columns are alike; so many times larger than the median one is too large
UNEQUAL = 100.0
#: distances from the median, in typical ones and in deviations of the other values, that nothing has by chance
FAR, FAR_IN_DEVIATIONS = 50.0, 100.0
#: share of the values of a column above which they are no outliers
FEW = 0.02
MOST_ROWS = 5000


def inputs_not_standardised(record: Record) -> Iterator[Finding]:
    """Columns that are large, or very unlike each other, outliers left out."""
    if _standardises_itself(record):
        return
    columns = _columns(record)
    sizes = np.sqrt(np.mean(np.where(_outlying(columns), 0.0, columns) ** 2, axis=0))
    sizes = sizes[sizes > 0]
    if not len(sizes):
        return
    largest, median, smallest = sizes.max(), np.median(sizes), sizes.min()
    unequal = largest > UNEQUAL * median or (median > UNEQUAL * smallest and largest > LARGE)
    if largest < LARGE and not unequal and largest > 1 / HUGE:
        return
    severe = largest > HUGE or largest < 1 / HUGE
    yield Finding(
        "inputs_not_standardised",
        "severe" if severe else "warning",
        f"The columns of the inputs have sizes (root mean squares) from {smallest:.2g} to {largest:.2g}. The first "
        "layer sees little but the largest ones, and its steps are of the wrong size for all others.",
        {"smallest": smallest, "median": median, "largest": largest},
        (Remedy("Standardise the inputs: make_pipeline(StandardScaler(), ...).", before=StandardScaler()),),
    )


def outliers(record: Record) -> Iterator[Finding]:
    """Single values that lie far outside all others of their column."""
    columns = _columns(record)
    outlying = _outlying(columns)
    count = int(outlying.sum())
    if count == 0:
        return
    worst = int(outlying.sum(axis=0).argmax())
    largest = float(np.abs(columns[:, worst]).max())
    others = float(np.sqrt(np.mean(columns[~outlying[:, worst], worst] ** 2)))
    yield Finding(
        "outliers",
        "severe" if largest > 1e3 * max(others, 1e-12) else "warning",
        f"Column {worst} has values up to {largest:.3g}, although others are about {others:.2g}; "
        f"{outlying.any(axis=0).sum()} columns have such values. A scaler that uses the deviation squeezes all other "
        "values together.",
        {"values": count, "columns": float(outlying.any(axis=0).sum()), "largest": largest},
        (
            Remedy(
                "Bring each column to a normal distribution by its ranks: QuantileTransformer(output_distribution="
                '"normal"). Look whether the values are errors.',
                before=QuantileTransformer(
                    output_distribution="normal", n_quantiles=min(1000, len(columns)), random_state=0
                ),
            ),
        ),
    )


def constant_columns(record: Record) -> Iterator[Finding]:
    """Columns with a single value."""
    columns = _columns(record)
    count = int((np.ptp(columns, axis=0) == 0).sum())
    if count:
        yield Finding(
            "constant_columns",
            "info",
            f"{count} of {columns.shape[1]} columns have the same value in every row and tell nothing.",
            {"columns": count},
            (Remedy("Leave them out: sklearn.feature_selection.VarianceThreshold().", before=VarianceThreshold()),),
        )


def duplicated_columns(record: Record) -> Iterator[Finding]:
    """Columns that are equal to an earlier one, or a multiple of it."""
    columns = _columns(record)
    deviation = columns.std(axis=0)
    varied = columns[:, deviation > 0]
    standardised = np.round((varied - varied.mean(axis=0)) / varied.std(axis=0), 5)
    standardised *= np.where(standardised[0] < 0, -1, 1)
    count = varied.shape[1] - len(np.unique(standardised, axis=1).T) if varied.size else 0
    if count:
        yield Finding(
            "duplicated_columns",
            "info",
            f"{count} columns are copies of others, up to a factor, and tell nothing new.",
            {"columns": count},
            (Remedy("Leave all but one of each out."),),
        )


def _columns(record: Record) -> np.ndarray:
    """Up to `MOST_ROWS` of the inputs, as columns."""
    x = record.rows[0]
    return x[:: -(-len(x) // MOST_ROWS)].reshape(-1, int(np.prod(x.shape[1:]))).astype(np.float64)


def _outlying(columns: np.ndarray) -> np.ndarray:
    """Which values lie far from their column's median, in columns where few do."""
    distance = np.abs(columns - np.median(columns, axis=0))
    typical = np.median(distance, axis=0)
    far = distance > FAR * np.where(typical > 0, typical, np.inf)
    far &= distance > FAR_IN_DEVIATIONS * np.sqrt(np.mean(np.where(far, 0.0, distance) ** 2, axis=0))
    return far & (far.mean(axis=0) <= FEW)


def _standardises_itself(record: Record) -> bool:
    """Whether the network begins with a layer that standardises."""
    layers = (layer for _, layer in record.plan.layers if not isinstance(layer, InputLayer | Flatten | Reshape))
    return isinstance(next(layers, None), BatchNormalization | Normalization)
