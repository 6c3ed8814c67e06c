"""A recipe: an object that is known by its constructor's parameters, such as a layer, an optimizer or a regularizer."""

from __future__ import annotations

import inspect
from collections.abc import Hashable
from typing import Any, ClassVar

import numpy as np


class Recipe:
    """Equal and hashed by its configuration: the constructor's named parameters, kept as attributes of those names.

    Attributes that are not parameters (weights, a name) are no part of it.
    """

    #: parameters that say nothing about what is computed, such as a name
    labels: ClassVar[tuple[str, ...]] = ()
    #: parameters that reach compiled code as traced values, so that changing them never compiles anew
    traced: ClassVar[tuple[str, ...]] = ()

    @classmethod
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
        """The present values of the traced parameters that are in use (not None)."""
        return {name: getattr(self, name) for name in self.traced if getattr(self, name) is not None}

    def recipe(self):
        """A copy of the configuration alone, its traced values left out; safe to keep in a compile cache."""
        copy = type(self).__new__(type(self))
        copy.__dict__ = self.get_config() | dict.fromkeys(self.hyper(), "traced")
        return copy

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
