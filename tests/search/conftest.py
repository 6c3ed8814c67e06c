"""Small rows and nets that the searches' tests share."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from lamina import MLPClassifier


@pytest.fixture(scope="session")
def rows():
    X, y = load_iris(return_X_y=True)
    order = np.random.RandomState(0).permutation(len(X))
    return X[order], y[order]


@pytest.fixture
def net():
    return MLPClassifier((5,), max_iter=9, batch_size=20, random_state=0)
