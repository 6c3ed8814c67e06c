"""Shapes: what they become, and what they cannot become."""

import numpy as np
import pytest

from lamina.errors import DataError, InvalidParameter
from lamina.layers import Flatten, Input, InputLayer, Reshape


def test_input_takes_any_spelling_of_its_shape():
    assert Input(shape=(4,)) == InputLayer(input_shape=[4]) == InputLayer(input_dim=4)
    with pytest.raises(InvalidParameter, match="shape"):
        Input()


def test_input_refuses_other_rows():
    with pytest.raises(DataError, match=r"declared to have the shape \(4,\), but received \(3,\)"):
        Input((4,))(np.zeros((2, 3)))


def test_reshape_needs_as_many_numbers():
    with pytest.raises(DataError, match="6 numbers"):
        Reshape((4, -1))(np.zeros((2, 6)))
    with pytest.raises(InvalidParameter, match="at most one"):
        Reshape((-1, -1))


def test_flatten_goes_back():
    x = np.random.RandomState(0).randn(2, 3, 4).astype(np.float32)
    np.testing.assert_array_equal(Reshape((3, 4))(Flatten()(x)), x)
