"""Class labels that cannot be encoded."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.multioutput import MultiOutputClassifier

from lamina import MLPClassifier
from lamina.errors import DataError

X, y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
SEVERAL = np.column_stack([y, 2 - y])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_several_columns_of_classes():
    """Row 9: refused with the way to do it, which works."""
    with pytest.raises(DataError, match=r"multiclass-multioutput.*2 columns of classes.*MultiOutputClassifier"):
        MLPClassifier().fit(X, SEVERAL)
    model = MultiOutputClassifier(MLPClassifier((20,), learning_rate_init=0.02, random_state=0, max_iter=40))
    predicted = model.fit(X, SEVERAL).predict(X)
    assert predicted.shape == SEVERAL.shape
    assert (predicted == SEVERAL).all(axis=1).mean() > 0.8


def test_numbers_are_no_classes():
    with pytest.raises(DataError, match=r"Unknown label type: continuous.*use a regressor"):
        MLPClassifier().fit(X, X[:, 0])
