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
        Whether to go on at the end of a file that exists. Its header is kept.

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
        self.columns: list[str] | None = None
        if self.append and self.filename.exists():
            with self.filename.open(encoding="utf-8", newline="") as file:
                self.columns = next(csv.reader(file, delimiter=self.separator), None)
        else:
            self.filename.write_text("", encoding="utf-8")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write a line; a number that the header lacks is left out, one that the logs lack is NA."""
        logs = logs or {}
        new = self.columns is None
        self.columns = self.columns or ["epoch", *sorted(logs)]
        with self.filename.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(
                file, self.columns, restval="NA", extrasaction="ignore", delimiter=self.separator, lineterminator="\n"
            )
            if new:
                writer.writeheader()
            writer.writerow({"epoch": epoch, **logs})
