"""How far a search is: a live table in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
from rich.console import Console
from rich.live import Live
from rich.table import Table

from lamina.search.candidates import in_words
from lamina.search.setting import Member, Result, Setting
from lamina.search.wrapping import path_of


class Progress:
    """Members alive, the best candidate so far, and the time left; silent unless `verbose`.

    Parameters
    ----------
    setting : Setting
        The search.
    metric : str or other
        Which of several scores decides.
    members : int
        How many there are in all.
    work : float
        How much there is to do, in the unit of `add`.
    verbose : int
        0 for silence.
    console : rich.console.Console, optional
        Where to write, by default the standard error.
    """

    def __init__(
        self,
        setting: Setting,
        metric: Any,
        members: int,
        work: float,
        verbose: int,
        console: Console | None = None,
    ) -> None:
        self._path = path_of(setting.estimator)
        self._candidates, self._n_splits = setting.candidates, len(setting.splits)
        self._metric, self._verbose = metric, verbose
        self.console = console or Console(stderr=True)
        self.alive = self._members = members
        self._work, self._done, self._resumed = work, 0.0, 0.0
        self._failed = 0
        self._best: tuple[int, float, int] | None = None
        self._scores: dict[int, list[float]] = defaultdict(list)
        self._live: Live | None = None

    def __enter__(self) -> Progress:
        self._start = self._added = time.perf_counter()
        if self._verbose and self.console.is_terminal:
            self._live = Live(get_renderable=self._table, console=self.console, refresh_per_second=4)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def add(
        self, results: Mapping[Member, Result], alive: int, work: float, resumed: bool = False, rung: int = 0
    ) -> None:
        """Count results after so much more work; `resumed` ones were there before.

        Those of a later rung count for more: of scores after few epochs the best may be by chance.
        """
        for (candidate, _), result in results.items():
            self._failed += result["fit_error"] is not None
            scores = self._scores[candidate]
            scores.append(self._score(result))
            if len(scores) == self._n_splits:
                self._judge(rung, float(np.mean(self._scores.pop(candidate))), candidate)
        self.alive = alive
        self._added = time.perf_counter()
        self._done += work
        self._resumed += work if resumed else 0
        if self._verbose and not self._live:
            facts = (f"{name} {value}" for name, value in self.facts().items())
            self.console.print("; ".join(facts), highlight=False, soft_wrap=True)

    def _score(self, result: Result) -> float:
        """The score that decides; not a number where none of several does."""
        scores: Any = result["test_scores"]
        return scores.get(self._metric, np.nan) if isinstance(scores, dict) else scores

    def _judge(self, rung: int, score: float, candidate: int) -> None:
        if not np.isnan(score) and (self._best is None or (rung, score) > self._best[:2]):
            self._best = rung, score, candidate

    def facts(self) -> dict[str, str]:
        """What there is to say, in words."""
        facts = {"members alive": f"{self.alive} of {self._members}"}
        if self._failed:
            facts["failed"] = str(self._failed)
        if self._best is not None:
            _, score, candidate = self._best
            facts["best so far"] = f"{score:.4f} ({in_words(self._candidates[candidate], self._path)})"
        now = time.perf_counter()
        facts["time"] = _duration(now - self._start)
        if self._resumed < self._done < self._work:
            pace = (self._added - self._start) / (self._done - self._resumed)
            facts["left"] = _duration(max(0, self._added + pace * (self._work - self._done) - now))
        return facts

    def _table(self) -> Table:
        table = Table(show_header=False, title="Search", title_justify="left")
        for name, value in self.facts().items():
            table.add_row(name, value)
        return table


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
