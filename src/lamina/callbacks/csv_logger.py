"""The logs as a table in a file."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from lamina.callbacks.base import Callback, Logs


class CSVLogger(Callback):
    """Write one line per epoch: its number (from 0) and the logs.

    Parameters
    ----------
    filename : str or path
        The file.
    separator : str, default=","
        What stands between the columns.
    append : bool, default=False
        Whether to go on at the end of a file that exists.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "log.csv"
    >>> logger = CSVLogger(path)
    >>> logger.on_train_begin()
    >>> logger.on_epoch_end(0, {"loss": 0.5, "accuracy": 0.75})
    >>> print(path.read_text())
    epoch,accuracy,loss
    0,0.75,0.5
    """

    only_watches = True

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        self.filename = Path(filename)
        self.separator = separator
        self.append = append

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Make the file, or find the columns of the one that is there."""
        if not (self.append and self.filename.exists()):
            self.filename.write_text("", encoding="utf-8")
        with self.filename.open(encoding="utf-8", newline="") as file:
            self.columns = next(csv.reader(file, delimiter=self.separator), [])

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write a line. A number that the logs lack is NA; a new one gets a column, NA in the lines before."""
        row = {"epoch": epoch, **(logs or {})}
        new = [name for name in ("epoch", *sorted(logs or {})) if name not in self.columns]
        if new:
            with self.filename.open(encoding="utf-8", newline="") as file:
                before = list(csv.DictReader(file, delimiter=self.separator))
            self.columns = [*self.columns, *new]
            self._write("w", [dict(zip(self.columns, self.columns)), *before])
        self._write("a", [row])

    def _write(self, mode: str, rows: list[dict]) -> None:
        with self.filename.open(mode, encoding="utf-8", newline="") as file:
            csv.DictWriter(file, self.columns, restval="NA", delimiter=self.separator, lineterminator="\n").writerows(
                rows
            )
