"""Inputs that make training hard, and columns that tell nothing."""

import numpy as np
import pytest

from lamina.inspection.symptoms.inputs import (
    constant_columns,
    duplicated_columns,
    inputs_not_standardised,
    outliers,
)
from lamina.layers import BatchNormalization

X = np.random.RandomState(0).randn(400, 6)


def rows(x):
    return (x, np.zeros((len(x), 1)), None)


@pytest.mark.parametrize(
    ("x", "severity"),
    [
        (X, None),
        (0.5 + 0.3 * X, None),  # pixels from 0 to 1
        (8 + 6 * X, "warning"),  # pixels from 0 to 16
        (100 + 60 * X, "severe"),
        (X * [1, 1, 1, 1, 1, 200], "severe"),
        (X / 1000, "severe"),
    ],
)
def test_sizes(record, x, severity):
    findings = list(inputs_not_standardised(record(rows=rows(x))))
    assert [finding.severity for finding in findings] == ([] if severity is None else [severity])


def test_a_first_layer_that_standardises(record):
    training = record(rows=rows(100 * X))
    training.plan.layers = (("normalization", BatchNormalization()), *training.plan.layers)
    assert list(inputs_not_standardised(training)) == []


def test_outliers_are_not_scale(record):
    """A few far values are named as such, and leave the columns' sizes as they are."""
    x = X.copy()
    x[::100, 2] = 1e5
    training = record(rows=rows(x))
    (finding,) = outliers(training)
    assert finding.evidence["values"] == 4
    assert "Column 2" in finding.reason
    assert list(inputs_not_standardised(training)) == []
    assert list(outliers(record(rows=rows(X)))) == []
    heavy = np.random.RandomState(1).standard_t(3, size=(400, 6))  # heavy tails are no outliers
    assert list(outliers(record(rows=rows(heavy)))) == []


def test_columns_that_tell_nothing(record):
    """Copies, also negative multiples; a constant column is no copy of another one."""
    x = np.hstack([X, np.ones((400, 2)), X[:, :1], -3 * X[:, 1:2] + 5])
    training = record(rows=rows(x))
    assert next(constant_columns(training)).evidence["columns"] == 2
    assert next(duplicated_columns(training)).evidence["columns"] == 2
    assert list(duplicated_columns(record(rows=rows(X)))) == list(constant_columns(record(rows=rows(X)))) == []
