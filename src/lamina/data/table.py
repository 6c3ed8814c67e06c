"""Tables in: read a CSV, TSV or Parquet file, choose the target column and the task."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lamina.errors import DataError, FileError, UnknownName

if TYPE_CHECKING:
    import polars as pl

Task = Literal["classification", "regression"]
TARGET_NAMES = ("target", "label", "class", "y")
EXTENSIONS = (".csv", ".tsv", ".parquet")
MOST_CLASSES = 20


def read_table(path: str | os.PathLike[str]) -> pl.DataFrame:
    """Read a CSV, TSV or Parquet file.

    Parameters
    ----------
    path : str or path-like
        A file that ends in .csv, .tsv or .parquet.

    Returns
    -------
    polars.DataFrame
        Columns as in the file; empty cells are nulls.

    Raises
    ------
    FileError
        There is no such file, or its ending is unknown.
    DataError
        The file is empty, has no rows or can't be read as what its ending says.
    """
    import polars as pl

    path = Path(path)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise FileError(f"{path} {what}. Expected a CSV, TSV or Parquet file; check the path.")
    ending = path.suffix.lower()
    if ending not in EXTENSIONS:
        raise FileError(
            f'{path} ends in "{path.suffix}". Expected one of {", ".join(EXTENSIONS)}; rename or convert it.'
        )
    if path.stat().st_size == 0:
        raise DataError(f"{path} is empty. Expected a line of column names and at least one row.")
    try:
        frame = pl.read_parquet(path) if ending == ".parquet" else _read_text(path, "\t" if ending == ".tsv" else ",")
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(
            f"{path} can't be read as {ending[1:].upper()}: {reason}. Check the file in an editor."
        ) from error
    if frame.height == 0 or frame.width == 0:
        raise DataError(f"{path} has {frame.width} columns and no rows. Expected at least one row below the names.")
    return frame


def _read_text(path: Path, separator: str) -> pl.DataFrame:
    """Read delimited text; types come from the first 10,000 rows, or from all when these mislead."""
    import polars as pl

    options: dict[str, Any] = {"separator": separator, "try_parse_dates": True}
    try:
        return pl.read_csv(path, infer_schema_length=10_000, **options)
    except pl.exceptions.ComputeError:
        return pl.read_csv(path, infer_schema_length=None, **options)


def choose_target(columns: list[str], wanted: str | None = None) -> str:
    """Name the target: the wanted column, else target, label, class or y, else the last.

    >>> choose_target(["Label", "age"]), choose_target(["age", "price"])
    ('Label', 'price')
    """
    if wanted is not None:
        if wanted not in columns:
            raise UnknownName.among("column", wanted, columns)
        return wanted
    by_name = {column.lower(): column for column in reversed(columns)}
    return next((by_name[name] for name in TARGET_NAMES if name in by_name), columns[-1])


def choose_task(target: pl.Series) -> Task:
    """Text, booleans and integers with at most 20 distinct values are classes; other numbers are a regression.

    >>> import polars as pl
    >>> choose_task(pl.Series(["a", "b"])), choose_task(pl.Series([0.5, 1.0]))
    ('classification', 'regression')
    """
    dtype = target.dtype
    if dtype.is_float() or dtype.is_decimal():
        return "regression"
    if dtype.is_integer():
        return "classification" if target.drop_nulls().n_unique() <= MOST_CLASSES else "regression"
    if dtype.is_temporal() or dtype.is_nested():
        raise DataError(
            f'Target column "{target.name}" holds {dtype}. Expected classes or numbers; choose another target.'
        )
    return "classification"


def target_values(target: pl.Series, task: Task) -> Any:
    """The target as a NumPy array: labels for classes, float64 for a regression. It must have no nulls."""
    import numpy as np
    import polars as pl

    if task == "classification":
        if target.dtype.is_numeric() or target.dtype == pl.Boolean:
            values = target.to_numpy()
            if values.dtype.kind == "f" and not (np.isfinite(values) & (values % 1 == 0)).all():
                raise DataError(
                    f'Target column "{target.name}" holds numbers with fractions, which are no classes. '
                    "Use --task regression or choose another target."
                )
            return values.astype(np.int64) if values.dtype.kind == "f" else values
        return target.cast(pl.String).to_numpy().astype(str)
    try:
        values = target.cast(pl.Float64).to_numpy()
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f'Target column "{target.name}" holds {target.dtype}, a regression needs numbers. '
            "Use --task classification or choose another target."
        ) from error
    if not np.isfinite(values).all():
        raise DataError(f'Target column "{target.name}" holds infinite values. Remove these rows.')
    return values


def has_target(frame: pl.DataFrame, target: str) -> pl.Expr:
    """Whether the target of a row is neither null nor NaN."""
    import polars as pl

    column = pl.col(target)
    known = column.is_not_null()
    return known & column.is_not_nan() if frame.schema[target].is_float() else known


def drop_missing_targets(frame: pl.DataFrame, target: str) -> pl.DataFrame:
    """Rows whose target is neither null nor NaN."""
    kept = frame.filter(has_target(frame, target))
    if kept.height == 0:
        raise DataError(f'Target column "{target}" is missing in every row. Choose another target.')
    return kept
