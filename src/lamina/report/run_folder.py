"""The run folder: what one training leaves on disk."""

from __future__ import annotations

import csv
import glob
import io
import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from lamina.errors import FileError
from lamina.storage import write_atomically

METRICS, HISTORY, MORE = "metrics.json", "history.csv", "report.json"
GRADIENT_FLOW, DIAGNOSIS, REPORT = "gradient_flow.csv", "diagnosis.json", "report.html"
#: the settings that a search tried; and, until its end, what it was asked for and the results so far
SEARCH, ASKED, JOURNAL = "search.csv", "search.json", "search.journal"


class RunFolder:
    """A folder with the model, what was noted while it trained, and report.html.

    Parameters
    ----------
    path : str or path-like
        The folder; it is made if there is none.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise FileError(f"{self.path} can't be a folder: there is a file of that name. Choose another.") from error
        except OSError as error:
            raise FileError(f"The folder {self.path} can't be made: {error.strerror}. Choose another.") from error

    @classmethod
    def next_free(cls, name: str, parent: str | os.PathLike[str] = "runs") -> RunFolder:
        """Make the folder parent/NAME-N with the first N that is not taken."""
        parent = Path(parent)
        parent.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            path = parent / f"{name}-{number}"
            try:
                path.mkdir()
            except FileExistsError:
                number += 1
            else:
                return cls(path)

    @classmethod
    def of_unfinished_search(
        cls, name: str, asked: Mapping[str, Any], parent: str | os.PathLike[str] = "runs"
    ) -> RunFolder | None:
        """The folder parent/NAME-N in which a search that was asked for the same was interrupted, if there is one."""
        for path in sorted(Path(parent).glob(f"{glob.escape(name)}-*/{ASKED}")):
            if path.read_bytes() == _as_json(asked):
                return cls(path.parent)
        return None

    @contextmanager
    def kept_if_used(self) -> Iterator[None]:
        """If training fails, leave no empty folder behind."""
        try:
            yield
        except BaseException:
            if not any(self.path.iterdir()):
                self.path.rmdir()
            raise

    def write_model(self, estimator: Any, about: dict[str, Any]) -> None:
        """Write model.lamina."""
        from lamina.persistence import MODEL_NAME, save

        save(estimator, self.path / MODEL_NAME, about=about)

    def write_history(self, history: Mapping[str, Any]) -> None:
        """Write history.csv: one row per epoch, empty where a value is unknown."""
        self._write_columns(HISTORY, history)

    def write_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Write metrics.json."""
        self._write_json(METRICS, metrics)

    def write_gradient_flow(self, columns: Mapping[str, Any]) -> None:
        """Write gradient_flow.csv: one row per epoch and layer, empty where a value is unknown."""
        self._write_columns(GRADIENT_FLOW, columns)

    def write_diagnosis(self, diagnosis: Mapping[str, Any]) -> None:
        """Write diagnosis.json."""
        self._write_json(DIAGNOSIS, diagnosis)

    def begin_search(self, asked: Mapping[str, Any]) -> Path:
        """Note that a search is under way; the path of its journal, which is to be deleted by `end_search`."""
        self._write_json(ASKED, asked)
        return self.path / JOURNAL

    def end_search(self) -> None:
        """Remove what another process would have needed to go on with the search."""
        for name in (ASKED, JOURNAL):
            (self.path / name).unlink(missing_ok=True)

    def write_search(self, columns: Mapping[str, Any]) -> None:
        """Write search.csv: one row per setting, and per rung where settings are dropped."""
        self._write_columns(SEARCH, columns)

    def forget_search(self) -> None:
        """Remove the settings that an earlier search in this folder has tried."""
        (self.path / SEARCH).unlink(missing_ok=True)

    def forget_examination(self) -> None:
        """Remove what an earlier training in this folder has left of this kind."""
        for name in (GRADIENT_FLOW, DIAGNOSIS):
            (self.path / name).unlink(missing_ok=True)

    def write_report(self, more: Mapping[str, Any]) -> Path:
        """Write report.html, and report.json: what it shows more than the other files have."""
        from lamina.report.html import make_report

        self._write_json(MORE, more)
        return make_report(self.path, self.path / REPORT)

    def write_curves(self, history: Mapping[str, Any]) -> None:
        """Write curves.png."""
        from lamina.plotting import LossCurveDisplay

        LossCurveDisplay.from_history(history).save(self.path / "curves.png")

    def _write_columns(self, name: str, columns: Mapping[str, Any]) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in zip(*columns.values(), strict=True))
        write_atomically(self.path / name, text.getvalue().encode())

    def _write_json(self, name: str, tree: Mapping[str, Any]) -> None:
        write_atomically(self.path / name, _as_json(tree))


def _as_json(tree: Mapping[str, Any]) -> bytes:
    return (json.dumps(tree, indent=2) + "\n").encode()


def _cell(value: Any) -> Any:
    """A text, or a number with all its digits; unknown values are empty."""
    value = np.asarray(value).item()
    return "" if value is None or (isinstance(value, float) and math.isnan(value)) else value
