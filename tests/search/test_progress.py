"""What a search shows while it runs."""

import io

import numpy as np
import pytest
from rich.console import Console

from lamina.search import PopulationSearchCV, progress
from lamina.search.progress import Progress
from lamina.search.setting import Setting

SETTING = Setting(None, [{"alpha": 0.1}, {"alpha": 0.2}], [(0, 1)] * 2, None, {}, {}, np.nan, False, None)


def result(score, error=None):
    return {"fit_error": error, "test_scores": score}


def plain(verbose=1):
    return Progress(SETTING, "score", 4, 4, verbose, Console(file=io.StringIO(), width=80))


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now[0])
    return now


def test_members_alive_best_so_far_and_time_left(clock):
    with plain() as shown:
        clock[0] = 30.0
        shown.add({(0, 0): result(0.5), (0, 1): result(0.7)}, alive=2, work=2)
        clock[0] = 100.0
        shown.add({(1, 0): result(0.9), (1, 1): result(np.nan, "error")}, alive=0, work=2)
    first, second = shown.console.file.getvalue().splitlines()
    assert first == "members alive 2 of 4; best so far 0.6000 (alpha=0.1); time 30 s; left 30 s"
    assert second == "members alive 0 of 4; failed 1; best so far 0.6000 (alpha=0.1); time 1 min 40 s"


def test_the_time_left_shrinks_until_there_are_other_results(clock):
    with plain() as shown:
        clock[0] = 30.0
        shown.add({(0, 0): result(0.5)}, alive=3, work=1)
        left = []
        for clock[0] in (30.0, 50.0, 200.0):
            left.append(shown.facts()["left"])
    assert left == ["1 min 30 s", "1 min 10 s", "0 s"]


def test_resumed_members_took_no_time(clock):
    with plain() as shown:
        shown.add({(0, 0): result(0.5), (0, 1): result(0.7)}, alive=2, work=2, resumed=True)
        clock[0] = 10.0
        shown.add({(1, 0): result(0.9)}, alive=1, work=1)
    assert shown.console.file.getvalue().splitlines()[-1].endswith("time 10 s; left 10 s")


def test_several_scores_and_silence():
    with Progress(SETTING, "f1", 4, 4, 0, Console(file=io.StringIO())) as shown:
        shown.add({(0, 0): result({"f1": 0.2, "auc": 1}), (0, 1): result({"f1": 0.4, "auc": 1})}, alive=2, work=2)
    assert shown.facts()["best so far"] == "0.3000 (alpha=0.1)"
    assert shown.console.file.getvalue() == ""


def test_scores_of_later_rungs_count_for_more():
    with plain() as shown:
        shown.add({(0, 0): result(0.8), (0, 1): result(0.8)}, alive=2, work=1)
        shown.add({(1, 0): result(0.5), (1, 1): result(0.5)}, alive=2, work=1, rung=1)
        shown.add({(0, 0): result(0.9), (0, 1): result(0.9)}, alive=0, work=1)
    assert shown.facts()["best so far"] == "0.5000 (alpha=0.2)"


def test_a_terminal_gets_one_live_table():
    console = Console(file=io.StringIO(), force_terminal=True, width=60, _environ={})
    with Progress(SETTING, "score", 4, 4, 1, console) as shown:
        shown.add({(0, 0): result(0.5), (0, 1): result(0.7)}, alive=2, work=2)
    text = console.file.getvalue()
    assert "members alive" in text
    assert "0.6000 (alpha=0.1)" in text


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("strategy", ["full", "halving"])
def test_a_search_tells(rows, net, capsys, strategy):
    grid = {"alpha": [0.1, 0.2, 0.3]}
    PopulationSearchCV(net, grid, cv=2, verbose=1, strategy=strategy, refit=False).fit(*rows)
    last = capsys.readouterr().err.splitlines()[-1]
    assert "best so far" in last
    assert last.startswith(f"members alive {0 if strategy == 'full' else 2} of 6")
