"""What the members of a search have in common. A member is a candidate (its number) on a split (its number)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.neural_network.population import same_program
from lamina.search.wrapping import in_population, network_of, with_parameters

Member = tuple[int, int]
#: what scikit-learn's searches collect of a fit: scores, times, rows, error
Result = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """A search without its rows: small enough to be sent to another process."""

    estimator: Any
    candidates: list[dict[str, Any]]
    splits: Sequence[tuple[np.ndarray, np.ndarray]]
    scorer: Any
    fit_params: dict[str, Any]
    score_params: dict[str, Any]
    error_score: float | str
    return_train_score: bool
    max_memory: int | None

    def estimator_of(self, candidate: int) -> Any:
        """A new estimator with the candidate's parameters."""
        return with_parameters(self.estimator, self.candidates[candidate])

    def in_population(self, estimator) -> bool:
        """Whether a population can train this estimator."""
        return in_population(estimator, self.fit_params)

    def groups(self, candidates: Iterable[int]) -> list[list[int]]:
        """Those of the candidates that train in one program."""
        programs = defaultdict(list)
        for candidate in candidates:
            programs[self._program(candidate)].append(candidate)
        return list(programs.values())

    def _program(self, candidate: int) -> Hashable:
        estimator = self.estimator_of(candidate)
        program = same_program(network_of(estimator)) if self.in_population(estimator) else None
        return ("one of its own", candidate) if program is None else program
