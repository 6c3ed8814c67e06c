"""The run folder: what one training leaves on disk."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from lamina.errors import FileError
from lamina.storage import write_atomically


class RunFolder:
    """A folder with model.lamina, history.csv, metrics.json and curves.png.

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
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(history)
        writer.writerows([_cell(value) for value in row] for row in zip(*history.values(), strict=True))
        write_atomically(self.path / "history.csv", text.getvalue().encode())

    def write_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Write metrics.json."""
        write_atomically(self.path / "metrics.json", (json.dumps(metrics, indent=2) + "\n").encode())

    def write_curves(self, history: Mapping[str, Any]) -> None:
        """Write curves.png."""
        from lamina.plotting import LossCurveDisplay

        LossCurveDisplay.from_history(history).save(self.path / "curves.png")


def _cell(value: Any) -> Any:
    """A number with all its digits; unknown values are empty."""
    number = np.asarray(value).item()
    return "" if number is None or np.isnan(number) else number
