"""Signals and gradients that do not get through."""

import numpy as np
import pytest

from lamina.inspection.symptoms.gradients import (
    dying_relu,
    exploding_gradients,
    saturated_units,
    vanishing_gradients,
)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (0.1, 0.1, []),
        (1e-5, 0.1, [vanishing_gradients]),
        (2e-3, 0.1, []),
        (500.0, 0.1, [exploding_gradients]),
        (20.0, 0.1, []),
        (1e5, 1e5, [exploding_gradients]),  # far larger than the weights
    ],
)
def test_first_to_last(record, first, last, expected):
    """Row 42: a thousand times smaller or larger, before training."""
    norms = np.tile([first, 1.0, last], (11, 1))
    training = record({"gradient_norm": norms})
    found = [s for s in (vanishing_gradients, exploding_gradients) if list(s(training))]
    assert found == expected


def test_shallow_networks_have_no_way_back(record):
    training = record({"gradient_norm": np.tile([1e-6, 1.0, 1.0], (11, 1))})
    training.plan.layers = training.plan.layers[1:]
    assert list(vanishing_gradients(training)) == []


@pytest.mark.parametrize(
    ("share", "skill", "severity"), [(0.4, 0.9, None), (0.6, 0.9, "warning"), (0.95, 0.9, "severe")]
)
def test_dead_units(record, share, skill, severity):
    """Row 22: of hidden layers; the output may well be constant."""
    dead = np.zeros((11, 3))
    dead[-1] = [0.1, share, 1.0]
    findings = list(dying_relu(record({"dead": dead}, val_skill=skill)))
    assert [finding.severity for finding in findings] == ([] if severity is None else [severity])
    if findings:
        assert "dense_1" in findings[0].reason
        assert findings[0].remedies[0].changes["learning_rate_init"] == 0.0001


def test_saturated_units(record):
    """Row 22: before or after training; such units put out the same for all rows, and are not called dead."""
    saturated = np.full((11, 3), np.nan)
    saturated[:, 0] = 0.7
    training = record({"saturated": saturated, "dead": np.ones((11, 3)) * [1, 0, 0]})
    (finding,) = saturated_units(training)
    assert "dense_0" in finding.reason
    assert list(dying_relu(training)) == []
    saturated[:, 0] = 0.3
    assert list(saturated_units(training)) == []


def test_layers_that_are_frozen_at_first_are_looked_at_when_they_thaw(record):
    norms = np.full((11, 3), 0.1)
    norms[:5, :2] = np.nan
    norms[5:, 0] = 1e-6
    assert [finding.code for finding in vanishing_gradients(record({"gradient_norm": norms}))] == [
        "vanishing_gradients"
    ]
    norms[:, 0] = np.nan  # frozen to the end
    assert not list(vanishing_gradients(record({"gradient_norm": norms})))
    assert not list(exploding_gradients(record({"gradient_norm": norms})))
