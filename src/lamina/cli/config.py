"""--config FILE.toml: the command's options under the same names; what stands on the command line wins."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import typer

from lamina.errors import FileError, UnknownName


def read_config(context: typer.Context, path: Path | None) -> Path | None:
    """Make the file's values the defaults of the other options (a callback of an eager option)."""
    if path is None:
        return None
    try:
        values = load_toml(path)
    except FileError as error:
        raise typer.BadParameter(str(error)) from error
    names = {p.opts[0].lstrip("-"): p.name for p in context.command.params if p.name not in ("config", "help")}
    for key in values:
        if _as_option(key) not in names:
            raise typer.BadParameter(f"{path}: {UnknownName.among('option', key, names)}")
    defaults = {names[_as_option(key)]: _as_text(value) for key, value in values.items()}
    context.default_map = {**(context.default_map or {}), **defaults}
    return path


def load_toml(path: Path) -> dict[str, Any]:
    """What stands in a TOML file."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))  # with or without the mark that some editors begin it with
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(f"{path} is no TOML file: {error}.") from error


def _as_option(name: str) -> str:
    return name.replace("_", "-")


def _as_text(value: Any) -> Any:
    """Lists as they are written on the command line: [256, 128] is 256,128."""
    return ",".join(map(str, value)) if isinstance(value, list) else value
