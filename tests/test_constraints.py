"""Constraints: where weights end up, names."""

import numpy as np
import pytest

from lamina import constraints
from lamina.errors import InvalidParameter, UnknownName

W = np.random.RandomState(0).randn(5, 4).astype(np.float32) * [0.1, 1, 2, 3]


def _norms(constraint, axis=0):
    return np.linalg.norm(constraint(W), axis=axis)


def test_definitions():
    """Rows 82, 83."""
    assert (constraints.non_neg()(W) >= 0).all()
    np.testing.assert_allclose(_norms(constraints.unit_norm()), 1, rtol=1e-5)
    np.testing.assert_allclose(_norms(constraints.max_norm(1.5)), np.minimum(np.linalg.norm(W, axis=0), 1.5), rtol=1e-5)
    np.testing.assert_allclose(
        _norms(constraints.MinMaxNorm(1.0, 2.0)), np.clip(np.linalg.norm(W, axis=0), 1, 2), rtol=1e-5
    )
    assert (_norms(constraints.max_norm(1.5, axis=1), axis=1) < 1.5 + 1e-5).all()
    assert np.linalg.norm(constraints.UnitNorm(axis=[0, 1])(W)) == pytest.approx(1, rel=1e-5)


def test_names():
    assert constraints.get("max_norm") == constraints.get("MaxNorm") == constraints.get(constraints.MaxNorm)
    assert constraints.get(None) is None
    assert constraints.get(np.abs) is np.abs
    with pytest.raises(UnknownName, match='Did you mean "unit_norm"'):
        constraints.get("unitnorm")
    with pytest.raises(InvalidParameter, match="max_value"):
        constraints.MinMaxNorm(2.0, 1.0)
    assert constraints.MaxNorm(1.0).recipe() == constraints.MaxNorm(2.0).recipe()
