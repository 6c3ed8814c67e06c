"""--grid FILE.toml: the settings that a search tries.

A table `[grid]` has for each parameter a list of values, or a range to draw from: `{low = 1e-4, high = 1, log = true}`.
Several tables `[[grid]]` are searched one after the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lamina.cli.config import load_toml
from lamina.errors import InvalidParameter, UnknownName

#: from the names of parameters to lists of values or to distributions of `scipy.stats`
Space = dict[str, Any]

EXAMPLE = "alpha = [1e-4, 1e-2] or alpha = {low = 1e-4, high = 1e-2, log = true}"


def read_grid(path: Path) -> list[Space]:
    """The tables of the file."""
    content = load_toml(path)
    for name in content:
        if name != "grid":
            raise InvalidParameter(
                f'{path}: "{name}" stands outside of [grid]. Expected one table [grid], or several [[grid]], with the '
                f"parameters in it, such as {EXAMPLE}."
            )
    tables = content.get("grid", [])
    tables = tables if isinstance(tables, list) else [tables]
    if not tables or not all(isinstance(table, dict) and table for table in tables):
        raise InvalidParameter(f"{path} has no settings. Expected a table [grid] with parameters, such as {EXAMPLE}.")
    try:
        return [_space(table) for table in tables]
    except (InvalidParameter, UnknownName) as error:
        raise type(error)(f"{path}: {error}") from None


def ends(space: Space) -> Iterator[tuple[str, Any]]:
    """The least and the largest value of each range."""
    for name, values in space.items():
        if not isinstance(values, list):
            yield from ((name, _plain(end)) for end in values.support())


def settings_of(spaces: list[Space], n_iter: int | None, seed: int) -> list[dict[str, Any]]:
    """Every combination; as many as are wanted, drawn at random, if their number is given or there is a range.

    What is drawn twice is tried once.
    """
    from lamina.search.candidates import candidates_of

    drawn = candidates_of(spaces, None, n_iter, seed)
    settings = [{name: _plain(value) for name, value in setting.items()} for setting in drawn]
    return list({str(setting): setting for setting in settings}.values())


def _space(table: dict[str, Any]) -> Space:
    """A table under the estimator's names."""
    space: Space = {}
    for name, given in table.items():
        if _parameter(name) in space:
            raise InvalidParameter(f"{name} stands twice in one table, under two spellings. Leave one of them out.")
        space[_parameter(name)] = _values(name, given)
    return space


def _parameter(name: str) -> str:
    """The estimator's name of what may be written as an option."""
    name = name.replace("-", "_")
    return "hidden_layer_sizes" if name == "hidden" else name


def _values(name: str, given: Any) -> Any:
    """The values to try, or a distribution to draw them from."""
    if isinstance(given, dict):
        return _distribution(**_checked_range(name, given))
    if not isinstance(given, list) or not given:
        raise InvalidParameter(
            f"{name} is {given!r}. Expected a list of values, or a range; a single value is a list too: {name} = [...]."
        )
    return [_value(value) for value in given]


def _value(given: Any) -> Any:
    """A value as the estimator takes it: TOML has neither tuples nor None."""
    if isinstance(given, list):
        return tuple(given)
    return None if given == "none" else given


def _checked_range(name: str, given: dict[str, Any]) -> dict[str, Any]:
    for word in given:
        if word not in ("low", "high", "log"):
            raise UnknownName.among(f"word in the range of {name}", word, ("low", "high", "log"))
    log, bounds = given.get("log", False), (given.get(word, math.nan) for word in ("low", "high"))
    numbers = [end for end in bounds if type(end) in (int, float) and math.isfinite(end)]
    sound = len(numbers) == 2 and numbers[0] < numbers[1] and isinstance(log, bool)
    if not sound or (log and numbers[0] <= 0):
        raise InvalidParameter(
            f"The range of {name} is {given}. Expected {{low = ..., high = ...}} with low below high; with "
            "log = true, low is above 0."
        )
    return {"low": numbers[0], "high": numbers[1], "log": log}


def _distribution(low: Any, high: Any, log: bool) -> Any:
    """Uniform, of the number or of its logarithm; of whole numbers, if both ends are, and both belong to it."""
    from scipy import stats

    if isinstance(low, int) and isinstance(high, int):
        return WholeLogUniform(low, high) if log else stats.randint(low, high + 1)
    return stats.loguniform(low, high) if log else stats.uniform(low, high - low)


@dataclass(frozen=True)
class WholeLogUniform:
    """Whole numbers, of which k is as likely as log(k + 1) - log(k) is large; with the words of `scipy.stats`."""

    low: int
    high: int

    def rvs(self, random_state: Any = None) -> int:
        """One of them, drawn at random."""
        from scipy.stats import loguniform

        return int(loguniform(self.low, self.high + 1).rvs(random_state=random_state))

    def support(self) -> tuple[int, int]:
        """The least and the largest."""
        return self.low, self.high


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's."""
    return value.item() if hasattr(value, "item") else value
