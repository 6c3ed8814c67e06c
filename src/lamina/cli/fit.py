"""lamina fit: from a table to a trained model in a run folder."""

from __future__ import annotations

import inspect
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamina.cli.config import read_config
from lamina.cli.exits import INTERRUPTED, clear_endings
from lamina.cli.groups import network, option, reuse, training
from lamina.cli.options import with_options_of

if TYPE_CHECKING:
    from lamina.cli.training import Request

DATA = "digits, iris, wine, breast_cancer, diabetes, or a CSV, TSV or Parquet file."

#: what is no matter of the estimator
ABOUT_THE_RUN = ("data", "target", "out", "test_size", "clip", "refit", "verbose", "origin")


class Task(StrEnum):
    """What to predict."""

    classification = "classification"
    regression = "regression"


@with_options_of(network, training, reuse)
def fit(
    context: typer.Context,
    data: Annotated[str, typer.Argument(help=DATA)] = "digits",
    target: Annotated[str | None, option(None, "Target column; else target, label, class, y or the last.")] = None,
    task: Annotated[Task | None, option(None, "What to predict, by default found from the target.")] = None,
    out: Annotated[Path | None, option(None, "Run folder, by default runs/NAME-N.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="TOML file with options under the same names.", callback=read_config, is_eager=True),
    ] = None,
    seed: Annotated[int, option(None, "Seed of the split, the weights and the order of rows.")] = 0,
    test_size: Annotated[float, option(None, "Share of the rows kept for the test.")] = 0.25,
    clip: Annotated[float, option(None, "Soft limit of standardised numbers; 0 for none.")] = 3.0,
    verbose: Annotated[bool, option(None, "Show the progress.", "--verbose/--quiet")] = True,
    **options: Any,
) -> None:
    """Train a network on DATA and keep it in a run folder: model.lamina, history.csv, metrics.json, report.html, ..."""
    with clear_endings():
        from lamina.cli.training import train

        interrupted = train(request_from(context))
    if interrupted:
        raise typer.Exit(INTERRUPTED)


def request_from(context: typer.Context, **fixed: Any) -> Request:
    """What was typed of the options of `fit`, with the preset's values and the defaults behind it.

    `fixed` stands for those that the command means something else by.
    """
    from lamina.cli.parameters import check_reuse, with_preset
    from lamina.cli.training import Request

    known = inspect.signature(fit).parameters.items()
    given = {name: context.params.get(name, option.default) for name, option in known} | fixed
    typed = {name for name in given if getattr(context.get_parameter_source(name), "name", "DEFAULT") != "DEFAULT"}
    check_reuse(given, typed - set(fixed))
    asked = {name: given.pop(name) for name in ABOUT_THE_RUN}
    kind = given.pop("task")
    del given["context"], given["config"]
    given = with_preset(given, given.pop("preset"), typed)
    kind = None if kind is None else Task(kind).value
    return Request(**asked, task=kind, seed=given["seed"], options=given, typed=frozenset(typed))
