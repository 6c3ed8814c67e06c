"""DATA on the command line: an embedded data set or a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lamina.errors import DataError, InvalidParameter, UnknownName

if TYPE_CHECKING:
    import polars as pl


class Source(NamedTuple):
    """A table and what is known about it; `target` and `task` are None for a file."""

    name: str
    frame: pl.DataFrame
    target: str | None = None
    task: str | None = None


def open_source(data: str) -> Source:
    """Read a file, or load an embedded data set of that name."""
    from lamina import datasets
    from lamina.data.table import read_table

    path = Path(data)
    if data in datasets.EMBEDDED and not path.is_file():
        frame, target, task = datasets.load(data)
        return Source(data, frame, target, task)
    if not path.suffix and not path.exists():
        error = UnknownName.among("data set", data, datasets.EMBEDDED)
        raise UnknownName(f"{error} Or give a CSV, TSV or Parquet file.")
    return Source(path.stem, read_table(path))


def open_model(path: Path) -> tuple[Any, dict[str, Any]]:
    """A model that predicts, and the facts kept with it."""
    from lamina.persistence import load_with_facts

    model, facts = load_with_facts(path)
    if not hasattr(model, "predict"):
        raise InvalidParameter(
            f"{path} has learned without a target and predicts none. Train on with labelled rows: "
            f"lamina fit DATA --from {path}."
        )
    return model, facts


def check_not_the_mark(values: Any, target: str) -> None:
    """Raise for the class -1, which would mark rows without a label."""
    if values.dtype.kind == "i" and (values == -1).any():
        raise DataError(f'The class -1 of column "{target}" means "no label" to --pretrain. Name that class otherwise.')


def labelled(frame: pl.DataFrame, target: str, task: Any) -> tuple[pl.DataFrame, Any, pl.DataFrame]:
    """The rows without the target column, the target's values, and the rows that lack a target."""
    from lamina.data.table import drop_missing_targets, has_target, target_values

    kept = drop_missing_targets(frame, target)
    return kept.drop(target), target_values(kept[target], task), frame.filter(~has_target(frame, target)).drop(target)
