"""Remedies are applied to clones."""

import pytest
from sklearn.preprocessing import StandardScaler

from lamina import MLPClassifier
from lamina.errors import InvalidParameter
from lamina.inspection import CODES, Finding, Remedy


def test_changes():
    model = MLPClassifier((4,), alpha=0.5)
    changed = Remedy("Less.", {"alpha": 0.1}).apply(model)
    assert (changed.alpha, changed.hidden_layer_sizes, model.alpha) == (0.1, (4,), 0.5)


def test_something_before_it():
    scaler = StandardScaler()
    pipeline = Remedy("Scale.", {"alpha": 0.1}, before=scaler).apply(MLPClassifier())
    assert pipeline[0] is not scaler
    assert pipeline[-1].alpha == 0.1


def test_advice_alone():
    assert not Remedy("Collect more rows.").applies
    with pytest.raises(InvalidParameter, match="Remedies change estimators"):
        Remedy("Do.", {"alpha": 1.0}).apply(object())


def test_ranks():
    """Every code has a place; severity comes first."""
    ranks = [Finding(code, severity, "", {}).rank for severity in ("severe", "warning", "info") for code in CODES]
    assert ranks == sorted(ranks)
