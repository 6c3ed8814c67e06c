"""What strategies hand back, and the score they go by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lamina.errors import InvalidParameter
from lamina.search.setting import Result


@dataclass
class Outcome:
    """The rows of `cv_results_`."""

    candidates: list[dict[str, Any]]
    #: those of the first candidate's splits, then the second's
    results: list[Result]
    #: further columns
    more: dict[str, Sequence] = field(default_factory=dict)


def score_of(result: Result, metric: Any) -> float:
    """The score by which settings are compared."""
    scores: Any = result["test_scores"]
    if not isinstance(scores, dict):
        return scores
    if not isinstance(metric, str) or metric not in scores:
        raise InvalidParameter(
            f"Of several scores one has to decide which settings are good. Received scoring that gives "
            f"{', '.join(scores)}, and refit={metric!r}. Give the name of the one that decides as refit."
        )
    return scores[metric]
