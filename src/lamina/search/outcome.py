"""What a strategy hands back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lamina.search.setting import Result


@dataclass
class Outcome:
    """The rows of `cv_results_`."""

    candidates: list[dict[str, Any]]
    #: those of the first candidate's splits, then the second's
    results: list[Result]
    #: further columns
    more: dict[str, Sequence] = field(default_factory=dict)
