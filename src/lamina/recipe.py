"""A recipe: an object that is known by its constructor's parameters, such as a layer, an optimizer or a regularizer."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Hashable, Mapping
from typing import Any, ClassVar

import numpy as np


class Recipe:
    """Equal and hashed by its configuration: the constructor's named parameters, kept as attributes of those names.

    Attributes that are not parameters (weights, a name) are no part of it.
    """

    #: parameters that say nothing about what is computed, such as a name
    labels: ClassVar[tuple[str, ...]] = ()
    #: parameters that reach compiled code as traced values, so that changing them never compiles anew; a class adds its
    #: own to those of its bases
    traced: ClassVar[tuple[str, ...]] = ()
    #: parameters that matter on the host alone, such as initializers: no part of what is compiled
    hosted: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        named = (name for base in reversed(cls.__mro__) for name in vars(base).get("traced", ()))
        cls.traced = tuple(dict.fromkeys(named))

    @classmethod
    @functools.cache
    def parameters(cls) -> dict[str, inspect.Parameter]:
        """The constructor's named parameters, and those of the constructors that it passes ``**others`` on to."""
        found: dict[str, inspect.Parameter] = {}
        for base in cls.__mro__:
            if "__init__" not in vars(base):
                continue
            _, *own = inspect.signature(vars(base)["__init__"]).parameters.values()
            found |= {p.name: p for p in own if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and p.name not in found}
            if not any(p.kind is p.VAR_KEYWORD for p in own):
                break
        return {name: parameter for name, parameter in found.items() if name not in cls.labels}

    def get_config(self) -> dict[str, Any]:
        """The constructor's parameters, as keyword arguments that build an equal object."""
        return {name: getattr(self, name) for name in self.parameters()}

    @classmethod
    def from_config(cls, config: dict[str, Any]):
        """The object that `get_config` described."""
        return cls(**config)

    def hyper(self) -> dict[str, Any]:
        """The present values of the traced parameters that are in use (not None).

        Those of a recipe within a parameter are called ``parameter/name``, or ``parameter/number/name`` in a sequence.
        """
        own = {name: getattr(self, name) for name in self.traced if getattr(self, name) is not None}
        for name, value in self.get_config().items():
            for path, part in _parts(name, value):
                own |= {f"{path}/{key}": item for key, item in part.hyper().items()}
        return own

    def recipe(self):
        """A copy of the configuration alone, its traced values left out; safe to keep in a compile cache."""
        bare = type(self).__new__(type(self))
        bare.__dict__ = {
            name: _changed(name, value, lambda path, part: part.recipe()) for name, value in self.get_config().items()
        }
        used = self.hyper()
        bare.__dict__ |= {name: "traced" for name in self.traced if name in used} | dict.fromkeys(self.hosted)
        return bare

    def at(self, values: Mapping[str, Any]):
        """A copy whose traced parameters have the given values; their names are those of `hyper`."""
        if not values:
            return self
        changed = copy.copy(self)
        for name, value in self.get_config().items():
            vars(changed)[name] = _changed(name, value, lambda path, part: part.at(below(path, values)))
        vars(changed).update({name: values[name] for name in self.traced if name in values})
        return changed

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and _hashable(self.get_config()) == _hashable(other.get_config())

    def __hash__(self) -> int:
        return hash((type(self), _hashable(self.get_config())))

    def __repr__(self) -> str:
        defaults = self.parameters()
        shown = (
            f"{name}={value!r}"
            for name, value in self.get_config().items()
            if defaults[name].default is inspect.Parameter.empty or not _same(value, defaults[name].default)
        )
        return f"{type(self).__name__}({', '.join(shown)})"


def below(path: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of `values` whose names start with ``path/``, under the rest of their names.

    >>> below("dropout", {"dropout/rate": 0.5, "alpha": 0.1})
    {'rate': 0.5}
    """
    return {key.removeprefix(f"{path}/"): value for key, value in values.items() if key.startswith(f"{path}/")}


def _parts(name: str, value: Any) -> list[tuple[str, Recipe]]:
    """The recipes that a parameter holds, each with its path."""
    found: list[tuple[str, Recipe]] = []
    _changed(name, value, lambda path, part: found.append((path, part)))
    return found


def _changed(name: str, value: Any, change: Callable[[str, Recipe], Any]) -> Any:
    """The value of a parameter after a change of every recipe that it holds."""
    if isinstance(value, Recipe):
        return change(name, value)
    if type(value) in (list, tuple):  # a named tuple is one thing
        return type(value)(
            change(f"{name}/{i}", item) if isinstance(item, Recipe) else item for i, item in enumerate(value)
        )
    return value


def _same(value: Any, default: Any) -> bool:
    return _hashable(value) == _hashable(default)


def _hashable(value: Any) -> Hashable:
    """Lists, dictionaries and arrays as tuples; everything else as it is."""
    if isinstance(value, dict):
        return tuple((key, _hashable(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(_hashable, value))
    if isinstance(value, np.ndarray):
        return (value.shape, str(value.dtype), value.tobytes())
    return value
