"""Commands that share the options of another one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Any, TypeVar

Command = TypeVar("Command", bound=Callable[..., None])


def with_options_of(*others: Callable[..., None], without: Collection[str] = ()) -> Callable[[Command], Command]:
    """Typer reads a command's options from its signature: add those of other commands, or of groups.

    An option that both name stays the command's own. The values of the others come as `**options`.
    """

    def give(command: Command) -> Command:
        own = _parameters(command)
        shared: dict[str, inspect.Parameter] = {}
        for other in others:
            shared |= {name: parameter for name, parameter in _parameters(other).items() if name not in without}
        first = {name: (shared | own)[name] for name in ("context", "data")}
        every = {name: _by_name(parameter) for name, parameter in (first | own | shared | own).items()}
        described: Any = command
        described.__signature__ = inspect.Signature(list(every.values()))
        described.__annotations__ = {name: parameter.annotation for name, parameter in every.items()}
        return command

    return give


def _parameters(function: Callable[..., None]) -> dict[str, inspect.Parameter]:
    every = inspect.signature(function, eval_str=True).parameters
    return {name: parameter for name, parameter in every.items() if parameter.kind is not parameter.VAR_KEYWORD}


def _by_name(parameter: inspect.Parameter) -> inspect.Parameter:
    return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
