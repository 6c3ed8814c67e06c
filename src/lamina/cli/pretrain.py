"""lamina pretrain: hidden layers learned from rows without labels."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.cli.config import read_config
from lamina.cli.exits import INTERRUPTED, clear_endings
from lamina.cli.fit import DATA
from lamina.cli.groups import names_in, network, option, training
from lamina.cli.options import with_options_of

#: options of `lamina fit` that mean the same here
_SHARED = {
    *("hidden", "activation", "kernel_initializer", "normalization", "dropout", "dtype"),
    *("solver", "batch_size", "learning_rate", "learning_rate_init", "clipnorm", "weight_decay", "shuffle"),
    *("early_stopping", "validation_fraction", "n_iter_no_change", "time_budget"),
}


class Pretask(StrEnum):
    """What is learned without labels."""

    autoencoder = "autoencoder"
    greedy = "greedy"
    masked = "masked"
    contrastive = "contrastive"


@with_options_of(network, training, without={*names_in(network), *names_in(training)} - _SHARED)
def pretrain(
    context: typer.Context,
    data: Annotated[str, typer.Argument(help=DATA)],
    target: Annotated[
        str | None, option(None, "Column to leave out, such as one to predict later; of an embedded set, its target.")
    ] = None,
    task: Annotated[
        Pretask,
        option(None, "Give rows back through a narrow layer, or layer by layer; tell hidden cells; match noisy views."),
    ] = Pretask.autoencoder,
    out: Annotated[Path | None, option(None, "Run folder, by default runs/NAME-N.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="TOML file with options under the same names.", callback=read_config, is_eager=True),
    ] = None,
    seed: Annotated[int, option(None, "Seed of the split, the weights and the order of rows.")] = 0,
    test_size: Annotated[float, option(None, "Share of the rows kept for the test.")] = 0.25,
    clip: Annotated[
        float, option(None, "Soft limit of standardised numbers; 0 for none, as an autoencoder of text or gaps has.")
    ] = 3.0,
    verbose: Annotated[bool, option(None, "Show the progress.", "--verbose/--quiet")] = True,
    max_iter: Annotated[int, option("Training", "Most epochs.")] = 200,
    **options: Any,
) -> None:
    """Learn hidden layers from the columns of DATA, without a target: the beginning of `lamina fit DATA --from RUN`."""
    with clear_endings():
        from lamina.cli.pretraining import Wish, train

        given = {name: context.params[name] for name in (*_SHARED, "max_iter", "seed")}
        interrupted = train(Wish(data, target, task.value, out, test_size, clip, verbose, given))
    if interrupted:
        raise typer.Exit(INTERRUPTED)
