"""The results of a search so far, in a file too if there is one: an interrupted search goes on from it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import joblib

from lamina.errors import FileError, InvalidParameter
from lamina.search.setting import Result, Setting

#: iteration, candidate, split
Key = tuple[int, int, int]


class Journal:
    """Results by iteration, candidate and split.

    The file has one JSON line that says which search it belongs to, and one for each result. Lines are on the disk when
    `add` returns. A last line without its end, as a killed process leaves it, is cut off.
    """

    def __init__(self, path: str | os.PathLike[str] | None, search: dict[str, str]) -> None:
        self.results: dict[Key, Result] = {}
        self._path = None if path is None else Path(path)
        if self._path is None:
            return
        try:
            self.results = _open(self._path, search)
        except OSError as error:
            raise FileError(f"checkpoint={str(path)!r} can't be a journal: {error.strerror}. Give another.") from error

    def add(self, results: dict[Key, Result]) -> None:
        """Keep these."""
        self.results |= results
        if self._path is not None:
            _append(self._path, _lines({"key": key, "result": result} for key, result in results.items()))


def _lines(objects: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(each, default=_plain) + "\n" for each in objects).encode()


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _open(path: Path, search: dict[str, str]) -> dict[Key, Result]:
    """The results in the journal, which is begun if there is none, or no more than the beginning of its first line."""
    head, data = _lines([{"lamina": "search", "search": search}]), path.read_bytes() if path.exists() else b""
    if head.startswith(data):
        _append(path, head[len(data) :])
        return {}
    return _read(path, data, search)


def _read(path: Path, data: bytes, search: dict[str, str]) -> dict[Key, Result]:
    """The results in a journal of this search."""
    whole = data[: data.rfind(b"\n") + 1]
    try:
        head, *lines = [json.loads(line) for line in whole.splitlines()]
        if head["lamina"] != "search":
            raise ValueError(head["lamina"])
        others = [part for part, mark in search.items() if head["search"].get(part) != mark]
        results = {tuple(line["key"]): line["result"] for line in lines}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileError(
            f"{path} is no journal of a search. Expected a file that checkpoint= wrote; give another name."
        ) from error
    if others:
        raise FileError(
            f"{path} is the journal of another search: it differs in {', '.join(others)}. Give another name as "
            "checkpoint=, or delete the file. (Splits that are shuffled and settings that are drawn need a "
            "random_state to be the same again.)"
        )
    if len(whole) < len(data):
        os.truncate(path, len(whole))
    return results


def fingerprint(setting: Setting, X, y, strategy: str) -> dict[str, str]:
    """Marks by which a search is known again, one for each of its parts."""
    parts = {
        "the data": (X, y, setting.fit_params),
        "the estimator": (setting.estimator, setting.error_score),
        "the candidates": list(setting.candidates),
        "the splits": list(setting.splits),
        "the scoring": (setting.scorer, setting.score_params, setting.return_train_score),
        "the strategy": strategy,
    }
    return {name: _mark(name, part) for name, part in parts.items()}


def _mark(name: str, part: Any) -> str:
    try:
        return joblib.hash(part)
    except Exception as error:
        raise InvalidParameter(
            f"checkpoint= needs {name} to be known again in another process, but it can't be pickled "
            f"({error.args[0] if error.args else error}). "
            "Define functions at the top of a module instead of lambdas."
        ) from error


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's."""
    return value.item()
