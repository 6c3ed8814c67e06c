"""The benchmarks' tables and files; their times are no test."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from benchmarks import pretraining, report
from benchmarks.measure import Job
from benchmarks.processes import Peer
from benchmarks.workloads import GROUPS, WORK, load
from sklearn.base import clone

from lamina import MaskedFeatures

FIT = next(work for work in WORK if work.kind == "fit")
TWO = next(work for work in WORK if work.kind == "two-at-once")
PEERS = [Peer("lamina", "python", {"numpy": np.__version__})]


def test_ratio_is_the_median_of_the_rounds_ratios():
    row = report.Row(FIT, {"lamina": [1.0, 2.0, 1.0], "scikit-learn": [2.0, 8.0, 3.0]}, {})
    assert "| scikit-learn | 3,000,000 us | 3.00 | 2.00-4.00 | 2.5: reached |" in report.table(row)


def test_two_at_once_is_compared_with_the_same_peer_alone():
    times = {"lamina, alone": [1.0], "lamina, two at once": [2.0], "optax, alone": [3.0], "optax, two at once": [9.0]}
    assert "| optax, two at once | 9,000,000 us | 3.00 |" in report.table(report.Row(TWO, times, {}))


def test_a_failed_peer_is_a_line_and_lends_no_ratio():
    table = report.table(report.Row(FIT, {"optax": [1.0]}, {"lamina": "ImportError: no"}))
    assert "| lamina | failed: ImportError: no |" in table
    assert "reached" not in table


def test_a_later_run_replaces_only_its_own_section(tmp_path):
    path = tmp_path / "RESULTS.md"
    for group, seconds in (("W2", 1.0), ("W1", 2.0), ("W2", 3.0)):
        report.replace_section(path, group, [report.Row(FIT, {"lamina": [seconds]}, {})], 1, PEERS)
    text = path.read_text()
    assert text.count("# Results") == 1
    assert text.index("## W1") < text.index("## W2")
    assert "2,000,000 us" in text
    assert "3,000,000 us" in text
    assert "1,000,000 us" not in text
    assert str(tmp_path) not in text


@pytest.mark.parametrize("work", WORK, ids=lambda work: f"{work.title} {work.kind}")
def test_a_job_survives_its_way_to_the_child(work):
    job = Job.from_json(json.dumps({"peer": "optax", "kind": work.kind, "net": asdict(work.net)}))
    assert job == Job("optax", work.kind, work.net)
    assert work.group in GROUPS


def test_embedded_data_have_the_rows_and_dtype_of_their_net():
    for work in WORK:
        if work.net.data != "fashion":
            X, y = load(work.net)
            assert (len(X), X.dtype.name, y.dtype.name) == (work.net.rows, work.net.dtype, "int64")


def test_labels_to_pretrain_with_are_balanced_and_nested():
    y = np.arange(60) % 3
    few, more = (pretraining.marked(y, n_labels, seed=0) for n_labels in (6, 12))
    assert np.bincount(few[few != -1]).tolist() == [2, 2, 2]
    assert (more[few != -1] == few[few != -1]).all()
    assert (more[more != -1] == y[more != -1]).all()


def test_a_gain_counts_where_it_is_no_chance():
    assert pretraining.gain(np.array([1.0, 1.1, 0.9, 1.0])) == "+1.0 ± 0.0 **+**"
    assert pretraining.gain(np.array([3.0, -2.0, 1.0, -1.0])) == "+0.2 ± 1.1"


def test_a_remembered_task_learns_once():
    X = np.random.RandomState(0).normal(size=(30, 3))
    task = pretraining.remembered(MaskedFeatures((4,), max_iter=1, random_state=0))
    first, second = (clone(task).fit(X) for _ in range(2))
    assert first.coefs_ is second.coefs_
    assert clone(task).set_params(random_state=1).fit(X).coefs_ is not first.coefs_
