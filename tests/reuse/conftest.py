"""A source for the tests of this room: a network that knows the digits 0 to 7."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from lamina import MLPClassifier


@pytest.fixture(scope="session")
def digits():
    """Rows between 0 and 1, and labels."""
    X, y = load_digits(return_X_y=True)
    return X / 16, y


@pytest.fixture(scope="session")
def source(digits):
    """A fitted network of two hidden layers, with batch normalisation."""
    X, y = digits
    old = y < 8
    settings = {"max_iter": 15, "n_iter_no_change": 15, "learning_rate_init": 0.01, "random_state": 0}
    with pytest.warns(match="Maximum iterations"):
        return MLPClassifier((32, 16), normalization="batch", **settings).fit(X[old], y[old])


@pytest.fixture(scope="session")
def few(digits):
    """Twenty rows of each of the digits 8 and 9, and all others of them for a test."""
    X, y = digits
    rows = np.concatenate([np.flatnonzero(y == label)[:20] for label in (8, 9)])
    rest = np.setdiff1d(np.flatnonzero(y >= 8), rows)
    return (X[rows], y[rows]), (X[rest], y[rest])
