"""A closed vocabulary: names for things, with a "did you mean" for misspellings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from lamina.errors import UnknownName

T = TypeVar("T")


class Registry(Generic[T]):
    """Names of one kind of thing, such as activations.

    >>> shapes = Registry("shape")
    >>> shapes.add("square", 4)
    >>> shapes["square"]
    4
    >>> shapes["sqare"]
    Traceback (most recent call last):
        ...
    lamina.errors.UnknownName: Unknown shape "sqare". Did you mean "square"? Known: square.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._things: dict[str, T] = {}

    def add(self, name: str, thing: T) -> None:
        """Enter `thing` under `name`."""
        self._things[name] = thing

    def register(self, *names: str) -> Callable[[T], T]:
        """Decorate a class or function to enter it under each of `names`."""

        def enter(thing: T) -> T:
            for name in names:
                self.add(name, thing)
            return thing

        return enter

    def __getitem__(self, name: str) -> T:
        try:
            return self._things[name]
        except (KeyError, TypeError):
            raise UnknownName.among(self.what, name, self._things) from None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._things

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def name_of(self, thing: T) -> str | None:
        """The first name under which `thing` was entered, or None."""
        return next((name for name, known in self._things.items() if known is thing), None)


def snake_case(name: str) -> str:
    """The name of a class in lower case with underscores.

    >>> [snake_case(name) for name in ("MeanSquaredError", "AUC", "R2Score", "TopKCategoricalAccuracy")]
    ['mean_squared_error', 'auc', 'r2_score', 'top_k_categorical_accuracy']
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
