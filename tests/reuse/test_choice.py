"""Which number of layers is chosen, from losses by hand."""

import numpy as np
import pytest

from lamina.reuse.choice import _as_good, _folds


@pytest.mark.parametrize(
    ("usual", "best", "as_good"),
    [
        ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0], True),
        ([2.0, 2.0, 2.0], [1.0, 1.0, 1.1], False),  # better in every fold by about as much
        ([2.0, 1.0, 1.0], [0.9, 1.0, 1.0], True),  # better in one fold alone: 0.37 and its standard error 0.37
        ([2.0], [1.0], False),  # a single fold has no standard error
        ([1.0], [1.0], True),
    ],
)
def test_a_standard_error_decides(usual, best, as_good):
    assert _as_good(usual, best) is as_good


def test_folds():
    """Each class in every fold, as many folds as the rarest class has rows; numbers in any."""
    y = np.array([0] * 6 + [1] * 2)
    folds = _folds(y, 3, 0)
    assert len(folds) == 2
    assert all(set(y[train]) == {0, 1} for train, _ in folds)
    assert _folds(np.array([0, 0, 1]), 3, 0) == []
    assert len(_folds(np.linspace(0, 1, 9), 3, 0)) == 3
    given = [(np.arange(4), np.arange(4, 8))]
    assert [list(map(list, fold)) for fold in _folds(y, given, 0)] == [[[0, 1, 2, 3], [4, 5, 6, 7]]]
