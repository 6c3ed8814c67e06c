"""The run folder."""

import csv
import json

import numpy as np
import pytest

from lamina.errors import FileError
from lamina.report import RunFolder


def test_the_next_free_name(tmp_path):
    paths = [RunFolder.next_free("iris", tmp_path / "runs").path.name for _ in range(2)]
    assert paths == ["iris-1", "iris-2"]
    (tmp_path / "runs" / "iris-1").rmdir()
    assert RunFolder.next_free("iris", tmp_path / "runs").path.name == "iris-1"


def test_history_and_metrics(tmp_path):
    folder = RunFolder(tmp_path / "a" / "b")
    folder.write_history(
        {"epoch": np.array([1, 2]), "loss": np.array([0.1, np.nan]), "val_score": np.float32([0.5, 1])}
    )
    with (tmp_path / "a/b/history.csv").open() as file:
        assert list(csv.reader(file)) == [["epoch", "loss", "val_score"], ["1", "0.1", "0.5"], ["2", "", "1.0"]]
    folder.write_metrics({"test": {"r2": 0.5}})
    assert json.loads((tmp_path / "a/b/metrics.json").read_text()) == {"test": {"r2": 0.5}}


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "x").write_text("")
    for path in (tmp_path / "x", tmp_path / "x" / "y"):
        with pytest.raises(FileError, match="can't be a folder"):
            RunFolder(path)


@pytest.mark.parametrize("used", [False, True])
def test_a_failure_leaves_no_empty_folder(tmp_path, used):
    folder = RunFolder(tmp_path / "run")
    with pytest.raises(RuntimeError), folder.kept_if_used():
        if used:
            folder.write_metrics({})
        raise RuntimeError
    assert folder.path.exists() is used


def test_an_unfinished_search_is_known_again(tmp_path):
    """Until its end, by what it was asked for."""
    runs = tmp_path / "runs"
    for asked in ({"cv": 3}, {"cv": 5}):
        RunFolder.next_free("iris[1]", runs).begin_search(asked)
    found = RunFolder.of_unfinished_search("iris[1]", {"cv": 5}, runs)
    assert found.path == runs / "iris[1]-2"
    assert RunFolder.of_unfinished_search("iris[1]", {"cv": 7}, runs) is None
    found.end_search()
    assert not any(found.path.iterdir())
    assert RunFolder.of_unfinished_search("iris[1]", {"cv": 5}, runs) is None
