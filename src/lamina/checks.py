"""What a parameter may be, and the error when it is something else."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from lamina.errors import InvalidParameter, UnknownName


class Constraint(Protocol):
    """Says whether a value is allowed, and in words which values are."""

    @property
    def words(self) -> str:
        """Which values are allowed."""

    def allows(self, value: Any) -> bool:
        """Whether `value` is allowed."""


@dataclass(frozen=True)
class Number:
    """A real (or whole) number from `low` to `high`; the ends belong to it unless `open_low`, `open_high`."""

    low: float
    high: float = math.inf
    whole: bool = False
    open_low: bool = False
    open_high: bool = False

    @property
    def words(self) -> str:
        """The interval in words."""
        kind = "a whole number" if self.whole else "a number"
        low = f"{'above' if self.open_low else 'at least'} {self.low:g}"
        high = "" if self.high == math.inf else f" and {'below' if self.open_high else 'at most'} {self.high:g}"
        return f"{kind} {low}{high}"

    def allows(self, value: Any) -> bool:
        """Whether `value` is a number in the interval (booleans are not numbers)."""
        wanted = numbers.Integral if self.whole else numbers.Real
        if isinstance(value, bool | np.bool_) or not isinstance(value, wanted):
            return False
        number = float(value)
        above = number > self.low if self.open_low else number >= self.low
        return bool(above and (number < self.high if self.open_high else number <= self.high))


@dataclass(frozen=True)
class Name:
    """One of the names of a vocabulary."""

    known: Iterable[str]

    @property
    def words(self) -> str:
        """The names."""
        return "one of " + ", ".join(f'"{name}"' for name in sorted(self.known))

    def allows(self, value: Any) -> bool:
        """Whether `value` is one of the names."""
        return isinstance(value, str) and value in self.known


@dataclass(frozen=True)
class Kind:
    """An instance of some types."""

    types: tuple[type, ...]
    words: str

    def allows(self, value: Any) -> bool:
        """Whether `value` is an instance."""
        return isinstance(value, self.types)


@dataclass(frozen=True)
class Is:
    """Exactly this value, such as None."""

    value: Any

    @property
    def words(self) -> str:
        """The value."""
        return repr(self.value)

    def allows(self, value: Any) -> bool:
        """Whether it is this value."""
        return value is self.value or (isinstance(value, float) and value == self.value)


@dataclass(frozen=True)
class Callable_:
    """A function."""

    words: str = "a function of an array"

    def allows(self, value: Any) -> bool:
        """Whether it can be called (a class cannot stand for a function here)."""
        return callable(value) and not isinstance(value, type)


Boolean = Kind((bool, np.bool_), "True or False")


def check_parameters(owner: str, values: Mapping[str, Any], allowed: Mapping[str, tuple[Constraint, ...]]) -> None:
    """Raise for the first value that none of its constraints allows."""
    for name, constraints in allowed.items():
        check_value(owner, name, values[name], *constraints)


def check_number(owner: str, name: str, value: Any, *constraints: Constraint) -> Any:
    """A number that one of the constraints allows, or a schedule: any function of the step's number."""
    return value if Callable_().allows(value) else check_value(owner, name, value, *constraints)


def check_value(owner: str, name: str, value: Any, *constraints: Constraint) -> Any:
    """The value, if one of the constraints allows it; else an error that says what is expected."""
    if any(constraint.allows(value) for constraint in constraints):
        return value
    vocabulary = [n for c in constraints if isinstance(c, Name) for n in c.known]
    if isinstance(value, str) and vocabulary:
        raise UnknownName.among(f"{owner} {name}", value, vocabulary)
    expected = " or ".join(constraint.words for constraint in constraints)
    raise InvalidParameter(f"{owner} expects {name} to be {expected}. Received {name}={value!r}.")
