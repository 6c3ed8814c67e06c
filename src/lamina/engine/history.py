"""What happened in each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import NamedTuple

import numpy as np

COLUMNS = ("epoch", "loss", "val_loss", "val_score", "learning_rate", "seconds")


class Span(NamedTuple):
    """Neighbouring epochs of one phase; numbers count from 0, and `end` is the one after the last."""

    phase: str
    first: int
    end: int


def spans(phases: Sequence[str] | np.ndarray) -> list[Span]:
    """The phases that follow each other, from the phase of each epoch.

    >>> spans(["frozen", "frozen", "fine-tuning"])
    [Span(phase='frozen', first=0, end=2), Span(phase='fine-tuning', first=2, end=3)]
    """
    names = [str(name) for name in phases]
    firsts = [k for k, name in enumerate(names) if k == 0 or name != names[k - 1]]
    return [Span(names[first], first, end) for first, end in zip(firsts, [*firsts[1:], len(names)])]


class History(dict):
    """Columns of equal length by name: epoch (from 1), loss, val_loss, val_score, learning_rate, seconds.

    What callbacks add to the logs has columns too, after these.
    ``loss`` is the mean training loss with the penalty, ``val_loss`` the validation loss without it (NaN without
    validation rows), ``seconds`` the time that the epoch took. ``stop_reason`` says in a sentence why training ended.

    Examples
    --------
    >>> history = History()
    >>> history.append(loss=0.5, learning_rate=0.1)
    >>> history["loss"], history["epoch"]
    (array([0.5]), array([1]))
    """

    def __init__(self, columns: dict[str, np.ndarray] | None = None, stop_reason: str | None = None) -> None:
        columns = columns or {}
        super().__init__({name: np.asarray(columns.get(name, [])) for name in (*COLUMNS, *columns)})
        self["epoch"] = self["epoch"].astype(int)
        self.stop_reason = stop_reason

    def append(self, **values: float | np.ndarray) -> None:
        """Add an epoch, or several with arrays of numbers; missing values are NaN.

        All columns grow at once, so that Ctrl-C never leaves them uneven.
        """
        n_epochs = max(map(np.size, values.values()))
        more = {name: np.broadcast_to(values.get(name, self._unknown(name)), n_epochs) for name in self}
        longer = {name: np.append(self[name], column) for name, column in more.items() if name != "epoch"}
        self.update(longer, epoch=np.arange(1, len(self["epoch"]) + n_epochs + 1))

    def complete(self, **values: float) -> None:
        """Enter numbers that were found out after the last epoch's `append`; NaN stands for earlier epochs."""
        for name, value in values.items():
            if name not in COLUMNS and isinstance(value, Real):
                before = self.get(name, np.full(len(self["epoch"]), np.nan))
                self[name] = np.append(before[:-1], value)

    def mark(self, phase: str, first: int) -> None:
        """Name the phase of training that the epochs belong to, from number `first` (counted from 0) on."""
        before = self.get("phase", np.full(len(self["epoch"]), ""))
        self["phase"] = np.append(before[:first], np.full(len(self["epoch"]) - first, phase))

    def _unknown(self, name: str) -> float | str:
        """What stands in a column where nothing is known."""
        return "" if self[name].dtype.kind == "U" else np.nan

    def to_pandas(self):
        """The columns as a pandas DataFrame (pandas must be installed)."""
        import pandas

        return pandas.DataFrame(dict(self))

    def to_polars(self):
        """The columns as a polars DataFrame."""
        import polars

        return polars.DataFrame(dict(self))

    def __reduce__(self):
        return History, (dict(self), self.stop_reason)
