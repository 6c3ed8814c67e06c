"""How a command ends: 0 done, 2 bad usage or bad data, 1 failure, 130 interrupted."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from lamina.errors import DataError, FileError, InvalidParameter, UnknownName
from lamina.text import printable

DONE, FAILURE, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


@contextmanager
def clear_endings() -> Iterator[None]:
    """Turn the user's mistakes into one clear sentence and an exit code, and warnings into plain lines."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", UserWarning)
            warnings.showwarning = _show_warning
            yield
    except (DataError, FileError, InvalidParameter, UnknownName) as error:
        raise _ended(error, BAD_INPUT) from None
    except KeyboardInterrupt as error:
        raise _ended(str(error) or "interrupted.", INTERRUPTED) from None
    except BrokenPipeError:
        raise  # the reader, such as `head`, has seen enough; Typer ends quietly
    except (OSError, ValueError, MemoryError) as error:
        raise _ended(error, BAD_INPUT if type(error).__name__ == "InvalidParameterError" else FAILURE) from None


def tell(text: str) -> None:
    """A result for a person, on the standard output; names from the data cannot command the terminal."""
    typer.echo(printable(text))


def say(text: str = "") -> None:
    """Tell the person at the terminal something; results go to standard output, this goes beside it."""
    typer.echo(printable(text), err=True)


def _ended(error: object, code: int) -> typer.Exit:
    say(f"Error: {str(error) or type(error).__name__}")
    return typer.Exit(code)


def _show_warning(message: Any, category: type[Warning], *where: Any, **more: Any) -> None:
    if not issubclass(category, DeprecationWarning):
        say(f"Warning: {message}")
