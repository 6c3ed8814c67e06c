"""Embedding: which numbers have a vector."""

import numpy as np

from lamina.layers import Embedding


def test_numbers_without_a_vector_become_nan():
    y = np.asarray(Embedding(3, 2)(np.array([[-1.0], [0.0], [2.0], [3.0]], np.float32)))
    np.testing.assert_array_equal(np.isnan(y).all(axis=(1, 2)), [True, False, False, True])
