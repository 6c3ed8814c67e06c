"""Rare classes, and labels that are likely wrong."""

import numpy as np
import pytest

from lamina.inspection.symptoms import labels
from lamina.inspection.symptoms.labels import class_imbalance, label_noise

ROWS = 400


def of_labels(y, n_classes=2):
    return (np.zeros((len(y), 3)), np.eye(n_classes)[y], None)


def with_labels(record, y, p, **changes):
    """A record whose networks predict `p` for every row."""
    return record(
        rows=of_labels(y),
        valid=of_labels(y),
        labels=lambda rows: rows[1].argmax(axis=1),
        probabilities=lambda rows, model=None: p,
        **changes,
    )


@pytest.mark.parametrize(("found", "n_findings"), [(0.1, 1), (0.9, 0)])
def test_rare_classes(record, found, n_findings):
    """One row of twenty is of class 1; a share of those is recognised, and all others."""
    y = (np.arange(ROWS) % 20 == 0).astype(int)
    right = np.where(y == 1, np.cumsum(y) <= found * y.sum(), True)
    p = np.eye(2)[np.where(right, y, 1 - y)]
    training = with_labels(record, y, p)
    findings = list(class_imbalance(training))
    assert len(findings) == n_findings
    if findings:
        np.testing.assert_allclose(findings[0].evidence["recall_of_rare"], found)
        assert findings[0].remedies[0].changes == {"class_weight": "balanced"}
    training.settings["class_weight"] = "balanced"
    assert list(class_imbalance(training)) == []


@pytest.mark.parametrize(("wrong", "n_findings"), [(0.3, 1), (0.05, 0)])
def test_wrong_labels(record, monkeypatch, wrong, n_findings):
    """Networks that know the true classes; a share of the labels is flipped."""
    monkeypatch.setattr(labels, "rehearse", lambda model, X, y, **how: None)
    rng = np.random.RandomState(0)
    truth = rng.randint(0, 2, ROWS)
    y = np.where(np.arange(ROWS) < wrong * ROWS, 1 - truth, truth)
    p = 0.05 + 0.9 * np.eye(2)[truth]
    training = with_labels(
        record,
        y,
        p,
        train_skill=0.99,
        val_skill=0.3,
        folds=lambda n: np.arange(ROWS) % n,
        some_rows=lambda which: (which, which),
    )
    findings = list(label_noise(training))
    assert len(findings) == n_findings
    if findings:
        np.testing.assert_allclose(findings[0].evidence["contradicted"], wrong)
