"""lamina search: many settings of a network by cross-validation, and the best one as `lamina fit` trains it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.cli.exits import INTERRUPTED, clear_endings
from lamina.cli.fit import fit, request_from
from lamina.cli.groups import names_in, reuse
from lamina.cli.options import with_options_of

SEARCH = "Search"


class Strategy(StrEnum):
    """Whether weak settings are dropped early."""

    full = "full"
    halving = "halving"
    asha = "asha"


@with_options_of(fit, without=names_in(reuse))
def search(
    context: typer.Context,
    grid: Annotated[
        Path,
        typer.Option(
            help="TOML file with a table grid: values to try, such as alpha = [1e-4, 1e-2], or ranges, such as "
            "alpha = {low = 1e-4, high = 1e-2, log = true}.",
            rich_help_panel=SEARCH,
        ),
    ],
    cv: Annotated[int, typer.Option(help="Folds of the training rows.", rich_help_panel=SEARCH)] = 5,
    strategy: Annotated[
        Strategy,
        typer.Option(help="halving and asha drop weak settings after few epochs.", rich_help_panel=SEARCH),
    ] = Strategy.full,
    n_iter: Annotated[
        int | None,
        typer.Option(help="Settings to draw at random; by default all, or 10 of ranges.", rich_help_panel=SEARCH),
    ] = None,
    scoring: Annotated[
        str | None,
        typer.Option(
            help="Score that decides, as scikit-learn names it: accuracy, f1_macro, ...; r2, neg_max_error, ...",
            rich_help_panel=SEARCH,
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="Journal to go on from, by default in the run folder.", rich_help_panel=SEARCH),
    ] = None,
    **options: Any,
) -> None:
    """Try settings of a network on DATA by cross-validation, then train the best one as `lamina fit` would.

    The other options are those of `lamina fit`, for what the grid leaves open.

    After an interruption the same command goes on where it was.
    """
    with clear_endings():
        from lamina.cli.searching import run_search
        from lamina.cli.settings import Wanted

        wanted = Wanted(grid, cv, strategy.value, n_iter, scoring, checkpoint)
        interrupted = run_search(request_from(context, scoring=None), wanted)
    if interrupted:
        raise typer.Exit(INTERRUPTED)
