"""What strategies hand back, and the score they go by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sklearn.model_selection._validation import _MultimetricScorer

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


def check_one_decides(scorer: Any, metric: Any) -> None:
    """Raise before any training if there are several scores and none of them decides."""
    if isinstance(scorer, _MultimetricScorer):
        score_of({"test_scores": dict.fromkeys(scorer._scorers, 0.0)}, metric)


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
