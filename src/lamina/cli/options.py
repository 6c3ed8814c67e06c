"""Commands that share the options of another one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Any, TypeVar

Command = TypeVar("Command", bound=Callable[..., None])


def with_options_of(other: Callable[..., None], without: Collection[str] = ()) -> Callable[[Command], Command]:
    """Typer reads a command's options from its signature: to those that it names, add the other command's.

    An option that both name stays the command's own. The values of the others come as `**options`.
    """

    def give(command: Command) -> Command:
        theirs, own = (dict(inspect.signature(each, eval_str=True).parameters) for each in (other, command))
        own = {name: parameter for name, parameter in own.items() if parameter.kind is not parameter.VAR_KEYWORD}
        first = {name: theirs.pop(name) for name in ("context", "data")}
        shared = {name: parameter for name, parameter in theirs.items() if name not in {*own, *without}}
        every = {name: _by_name(parameter) for name, parameter in (first | own | shared).items()}
        described: Any = command
        described.__signature__ = inspect.Signature(list(every.values()))
        described.__annotations__ = {name: parameter.annotation for name, parameter in every.items()}
        return command

    return give


def _by_name(parameter: inspect.Parameter) -> inspect.Parameter:
    return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
