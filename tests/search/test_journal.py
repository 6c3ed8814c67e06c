"""Searches that go on from a journal."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import ShuffleSplit

from lamina import MLPClassifier
from lamina.errors import FileError, InvalidParameter
from lamina.search import PopulationSearchCV, cohort, full

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
GRID = {"hidden_layer_sizes": [(3,), (4,), (5,)], "learning_rate_init": [0.001, 0.01, 0.05]}


@pytest.fixture
def search(net, tmp_path):
    options = {"cv": 2, "scoring": ["neg_log_loss", "accuracy"], "refit": "neg_log_loss"}
    return PopulationSearchCV(net, GRID, checkpoint=tmp_path / "search.journal", **options)


@pytest.fixture
def trained(monkeypatch):
    """How many members each population had."""
    sizes = []
    real = cohort.Population

    def counting(jobs, max_memory):
        sizes.append(len(jobs))
        return real(jobs, max_memory)

    monkeypatch.setattr(cohort, "Population", counting)
    return sizes


def scores(search):
    return {
        name: column.tolist() for name, column in search.cv_results_.items() if "score" in name and "time" not in name
    }


def cut(path, n_lines, rest=""):
    """Leave so many lines, and the beginning of another."""
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:n_lines]) + rest)


@pytest.mark.parametrize("strategy", ["full", "halving", "asha"])
def test_goes_on_from_where_it_was(search, rows, trained, strategy):
    """Row 144"""
    search.set_params(strategy=strategy)
    expected = scores(search.fit(*rows))
    every = sum(trained)
    trained.clear()
    assert scores(search.fit(*rows)) == expected
    assert not trained  # all of it was in the journal
    cut(search.checkpoint, 1 + 9, '{"key": [0, 5')
    assert scores(search.fit(*rows)) == expected
    assert 0 < sum(trained) <= every
    trained.clear()
    assert scores(search.fit(*rows)) == expected
    assert not trained  # the cut line was mended


def test_trains_only_members_that_are_missing(search, rows, trained):
    search.fit(*rows)
    cut(search.checkpoint, 1 + 7)
    trained.clear()
    search.fit(*rows)
    assert sum(trained) == 18 - 7


def test_a_failed_member_is_remembered(search, rows, trained):
    search.set_params(param_grid={"alpha": [0.1, -1.0]}, error_score=-9.0)
    for _ in range(2):
        with pytest.warns(FitFailedWarning, match="2 fits failed"):
            search.fit(*rows)
    assert trained == [4]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"estimator__alpha": 0.3}, "the estimator"),
        ({"param_grid": {"alpha": [1.0]}}, "the candidates"),
        ({"cv": ShuffleSplit(2, random_state=0)}, "the splits"),
        ({"scoring": None, "refit": True}, "the scoring"),
        ({"strategy": "halving"}, "the strategy"),
    ],
)
def test_the_journal_of_another_search_is_refused(search, rows, change, part):
    search.fit(*rows)
    before = search.checkpoint.read_bytes()
    with pytest.raises(FileError, match=f"another search: it differs in {part}"):
        search.set_params(**change).fit(*rows)
    assert search.checkpoint.read_bytes() == before


def test_other_data_are_refused(search, rows):
    search.fit(*rows)
    with pytest.raises(FileError, match="the data"):
        search.fit(rows[0] + 1, rows[1])


@pytest.mark.parametrize("text", ["notes\n", '{"a": 1}\n', "[]\n", "no end of line"])
def test_a_foreign_file_is_refused(search, rows, text):
    search.checkpoint.write_text(text)
    with pytest.raises(FileError, match="no journal of a search"):
        search.fit(*rows)
    assert search.checkpoint.read_text() == text


def test_a_first_line_that_was_cut_is_written_anew(search, rows):
    expected = scores(search.fit(*rows))
    cut(search.checkpoint, 0, search.checkpoint.read_text()[:30])
    assert scores(search.fit(*rows)) == expected
    assert len(search.checkpoint.read_text().splitlines()) == 1 + 9 * 2


@pytest.mark.parametrize(("path", "reason"), [("", "Is a directory"), ("nowhere/search.journal", "No such file")])
def test_a_path_that_cannot_be_written(search, rows, trained, tmp_path, path, reason):
    with pytest.raises(FileError, match=f"can't be a journal: {reason}"):
        search.set_params(checkpoint=tmp_path / path).fit(*rows)
    assert trained == []


def test_what_cannot_be_known_again_is_refused(search, rows):
    with pytest.raises(InvalidParameter, match=r"the scoring.*\(Can't pickle <function"):
        search.set_params(scoring=lambda estimator, X, y: 0.0, refit=True).fit(*rows)


def test_interruption_ends_the_search(search, rows, monkeypatch):
    real = cohort.Population.advance
    calls = []

    def interrupted(self, n_epochs=None):
        calls.append(n_epochs)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(self, n_epochs)

    monkeypatch.setattr(cohort.Population, "advance", interrupted)
    monkeypatch.setattr(full, "cpu_count", lambda: 1)
    with pytest.raises(KeyboardInterrupt):
        search.fit(*rows)
    monkeypatch.undo()
    kept = [json.loads(line) for line in search.checkpoint.read_text().splitlines()[1:]]
    assert len(kept) == 6  # the first group's
    assert len(search.fit(*rows).cv_results_["params"]) == 9


SCRIPT = """
import sys, time, warnings
warnings.simplefilter("ignore")
from lamina.search import full
from tests.search.test_journal import small_search

full.cpu_count = lambda: 1  # one program after the other
real = full.train
def slow(*args):
    if len(open(sys.argv[1]).readlines()) > 1:
        time.sleep(60)
    return real(*args)
full.train = slow
small_search(sys.argv[1])
"""


def small_search(journal):
    net = MLPClassifier((5,), max_iter=5, random_state=0)
    grid = {"hidden_layer_sizes": [(3,), (4,)], "alpha": [0.1, 0.2]}
    search = PopulationSearchCV(net, grid, cv=2, checkpoint=journal, refit=False)
    return search.fit(*load_iris(return_X_y=True)).cv_results_["mean_test_score"].tolist()


def test_a_killed_process_loses_the_running_group_only(tmp_path, trained):
    """Row 144"""
    journal = tmp_path / "search.journal"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, journal], env=environment)
    deadline = time.monotonic() + 60
    while not journal.exists() or len(journal.read_text().splitlines()) < 5:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = journal.read_text()
    resumed = small_search(journal)
    assert trained == [4]
    assert journal.read_text().startswith(before)
    assert resumed == small_search(tmp_path / "another.journal")
