"""Keras' small functions: one-hot rows, seeds."""

import random

import numpy as np
import pytest

from lamina.errors import DataError
from lamina.layers import Dense
from lamina.models import Sequential
from lamina.utils import set_random_seed, to_categorical


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_one_hot_rows(shape):
    rows = to_categorical(np.array([2, 0, 1]).reshape(shape))
    np.testing.assert_array_equal(rows, [[0, 0, 1], [1, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(rows.argmax(axis=1), [2, 0, 1])


def test_one_hot_rows_of_other_shapes():
    assert to_categorical([0, 1], num_classes=5).shape == (2, 5)
    assert to_categorical([1.0, 0.0]).tolist() == [[0, 1], [1, 0]]
    assert to_categorical(np.array([[0, 1], [2, 0]])).shape == (2, 2, 3)


@pytest.mark.parametrize(
    ("x", "count", "says"), [([0, -1], None, "whole numbers"), ([0.5], None, "whole numbers"), ([0, 3], 3, "class 3")]
)
def test_classes_that_cannot_be(x, count, says):
    with pytest.raises(DataError, match=says):
        to_categorical(x, count)


def test_a_seed_decides_everything():
    def drawn():
        set_random_seed(7)
        X = np.random.randn(30, 2)
        model = Sequential([Dense(3, input_shape=(2,)), Dense(1)])
        model.compile("sgd", "mse")
        model.fit(X, X[:, :1], verbose=0)
        return random.random(), model.get_weights()

    (first, weights), (second, others) = drawn(), drawn()
    assert first == second
    for a, b in zip(weights, others, strict=True):
        np.testing.assert_array_equal(a, b)
