"""lamina predict: predictions for new rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamina.cli.exits import clear_endings

if TYPE_CHECKING:
    import polars as pl


def predict(
    model: Annotated[Path, typer.Argument(help="A model file or a run folder.")],
    data: Annotated[str, typer.Argument(help="New rows: a CSV, TSV or Parquet file, or an embedded data set.")],
    out: Annotated[Path | None, typer.Option(help="CSV file to write, by default the standard output.")] = None,
) -> None:
    """Predict for every row of DATA: a CSV with prediction and, for classes, probability_CLASS columns."""
    with clear_endings():
        from lamina.cli.source import open_model, open_source
        from lamina.storage import write_atomically

        text = predictions(open_model(model)[0], open_source(data).frame).write_csv()
        if out is None:
            typer.echo(text, nl=False)
        else:
            write_atomically(out, text.encode())


def predictions(model: Any, rows: pl.DataFrame) -> pl.DataFrame:
    """One row per row: the prediction and, for classes, their probabilities."""
    import polars as pl

    if not hasattr(model, "predict_proba"):
        return pl.DataFrame({"prediction": model.predict(rows)})
    probability = model.predict_proba(rows)
    columns = {f"probability_{label}": probability[:, k] for k, label in enumerate(model.classes_)}
    return pl.DataFrame({"prediction": model.classes_[probability.argmax(axis=1)], **columns})
