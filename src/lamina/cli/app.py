"""The `lamina` command: everything heavy is imported inside the commands, so that --help answers at once."""

from __future__ import annotations

from typing import Annotated

import typer

from lamina.cli.doctor import doctor
from lamina.cli.evaluate import evaluate
from lamina.cli.fit import fit
from lamina.cli.predict import predict
from lamina.cli.pretrain import pretrain
from lamina.cli.search import search

app = typer.Typer(
    name="lamina",
    help="Train deep networks of dense layers on tables, and predict with them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(fit)
app.command()(pretrain)
app.command()(search)
app.command()(predict)
app.command()(evaluate)
app.command()(doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"lamina {version('lamina')}")
        except PackageNotFoundError:
            typer.echo("lamina (not installed: run from its sources)")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Options of `lamina` itself."""


def main() -> None:
    """Run the command line."""
    app(prog_name="lamina")
