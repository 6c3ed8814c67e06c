"""The settings that a search has tried, the best first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

MOST_TRIALS = 20


def best_trials(results: Mapping[str, np.ndarray], most: int = MOST_TRIALS) -> dict[str, Any]:
    """The best rows of a search's results, as a table; of a setting with several rungs, the last one.

    Settings that got further come first, then those with a higher mean score, and those that failed come last.

    >>> found = {"param_alpha": [0.1, 1, 10], "mean_test_score": [0.7, np.nan, 0.8], "std_test_score": [0, 0, 0.1]}
    >>> table = best_trials({name: np.array(c) for name, c in (found | {"mean_fit_time": [1, 1, 2]}).items()})
    >>> table["names"]
    ['rank', 'mean', 'deviation', 'alpha', 'seconds to fit']
    >>> table["rows"][0]
    (1, [0.8, 0.1, 10.0, 2])
    """
    shown = {"mean": results["mean_test_score"], "deviation": results["std_test_score"]}
    params = {n.removeprefix("param_"): column for n, column in results.items() if n.startswith("param_")}
    shown |= params | {"seconds to fit": results["mean_fit_time"]}
    if "n_resources" in results:
        shown["epochs"] = results["n_resources"]
    epochs = results.get("n_resources", np.zeros(len(shown["mean"])))
    worth = list(zip(epochs.tolist(), _last_if_unknown(shown["mean"]).tolist(), strict=True))
    furthest: dict[tuple, int] = {}
    for row in sorted(range(len(worth)), key=worth.__getitem__, reverse=True):
        furthest.setdefault(tuple(str(column[row]) for column in params.values()), row)
    better = [worth[row] for row in furthest.values()]
    return {
        "names": ["rank", *(name.replace("_", " ") for name in shown)],
        "rows": [
            (1 + sum(other > worth[row] for other in better), [_cell(column[row]) for column in shown.values()])
            for row in list(furthest.values())[:most]
        ],
    }


def _last_if_unknown(scores: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(scores), -np.inf, scores)


def _cell(value: Any) -> Any:
    """A number, or a text in a column of texts."""
    value = value.item()
    return "–" if value == "" else value
