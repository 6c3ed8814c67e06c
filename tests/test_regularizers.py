"""Regularizers: definitions, names, traced factors."""

import jax
import numpy as np
import pytest

from lamina import regularizers
from lamina.errors import InvalidParameter, UnknownName

W = np.array([[1.0, -2.0], [0.0, 3.0]], np.float32)


def test_definitions():
    """Rows 75-77."""
    assert float(regularizers.l1(0.5)(W)) == 3.0
    assert float(regularizers.l2(0.5)(W)) == 7.0
    assert float(regularizers.L1L2(l1=0.5, l2=0.5)(W)) == 10.0
    assert float(regularizers.l1_l2()(W)) == 0.0


def test_names():
    assert regularizers.get("l2") == regularizers.get("L2") == regularizers.L2(0.01)
    assert regularizers.get(regularizers.L2) == regularizers.L2(0.01)
    assert regularizers.get("l1_l2") == regularizers.L1L2(0.01, 0.01)
    assert regularizers.get(None) is None
    assert regularizers.get(abs) is abs
    with pytest.raises(UnknownName, match="Unknown regularizer"):
        regularizers.get("ridge")
    with pytest.raises(InvalidParameter, match="l2"):
        regularizers.L2(-1.0)


def test_factors_are_traced():
    bare = regularizers.L2(0.1).recipe()
    assert bare == regularizers.L2(0.2).recipe()
    assert float(jax.jit(lambda factor: bare.at({"l2": factor})(W))(2.0)) == 28.0
