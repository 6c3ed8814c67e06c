"""lamina evaluate: scores of a model on labelled rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.cli.exits import clear_endings, say, tell


def evaluate(
    model: Annotated[Path, typer.Argument(help="A model file or a run folder.")],
    data: Annotated[str, typer.Argument(help="Labelled rows: a CSV, TSV or Parquet file, or an embedded data set.")],
    target: Annotated[str | None, typer.Option(help="Target column, by default that of the training.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Print the scores of MODEL on DATA."""
    with clear_endings():
        import json

        scores, report = score_file(model, data, target)
        if as_json:
            typer.echo(json.dumps(scores))
            return
        rows = scores.pop("rows")
        tell(f"{'  '.join(f'{name} {score:.4f}' for name, score in scores.items())}  ({rows:,} rows)")
        if report:
            tell(report)


def score_file(path: Path, data: str, wanted: str | None) -> tuple[dict[str, Any], str]:
    """The scores of the model at `path` on the rows of `data`, and a classification report."""
    from lamina.cli.source import labelled, open_model, open_source
    from lamina.data.table import choose_target
    from lamina.report import measure

    model, facts = open_model(path)
    frame = open_source(data).frame
    target = choose_target(frame.columns, wanted or facts.get("target"))
    task = facts.get("task") or ("classification" if hasattr(model, "predict_proba") else "regression")
    rows, values, missing = labelled(frame, target, task)
    if missing.height:
        say(f"Dropped {missing.height:,} rows whose target is missing.")
    if task == "classification":
        values = _as_classes(values, model.classes_, target)
    scores, report = measure(model, rows, values, task)
    return {**scores, "rows": len(values)}, report


def _as_classes(values: Any, classes: Any, target: str) -> Any:
    """Labels of the kind that the model knows, such as text for numbers that were read as numbers."""
    from lamina.errors import DataError

    if (values.dtype.kind == "U") == (classes.dtype.kind == "U"):
        return values
    if classes.dtype.kind == "U":
        return values.astype(str)
    raise DataError(f'Target column "{target}" holds text, the model knows the classes {", ".join(map(str, classes))}.')
