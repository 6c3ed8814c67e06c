"""Presets train, and are what the tables say."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from lamina import MLPClassifier
from lamina.errors import InvalidParameter, UnknownName
from lamina.layers import BatchNormalization
from lamina.presets import PRESETS, build, default

X, y = load_breast_cancer(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", list(PRESETS))
def test_a_preset_trains(name):
    """Rows 38, 136: the majority class has 0.63; a shallow net that learns is far above."""
    model = MLPClassifier((20,), random_state=0, **PRESETS[name](1) | {"max_iter": 15}).fit(X, y)
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("name", list(PRESETS))
@pytest.mark.parametrize("depth", [2, 4])
def test_as_a_model(name, depth):
    """Row 136."""
    model = build(name, (30,), [8] * depth, 2)
    assert model.predict(X[:3], verbose=0).shape == (3, 2)
    deep = depth >= 4 and name != "self_normalizing"
    assert any(isinstance(layer, BatchNormalization) for layer in model.layers) == deep


def test_images_are_flattened():
    """Row 11."""
    assert build("default", (5, 6), [8], 2).predict(X[:3].reshape(3, 5, 6)).shape == (3, 2)


def test_the_sparse_one_has_small_weights():
    kwargs = {"random_state": 0, "max_iter": 15, "early_stopping": False, "batch_size": 32}
    with pytest.warns(match="Maximum iterations"):
        sparse, plain = (MLPClassifier((20,), **PRESETS[name](1) | kwargs).fit(X, y) for name in ("sparse", "default"))
    assert np.mean(np.abs(sparse.coefs_[0]) < 0.01) > 2 * np.mean(np.abs(plain.coefs_[0]) < 0.01)


def test_errors():
    with pytest.raises(UnknownName, match='Did you mean "sparse"'):
        build("spars", (3,), (4,), 1)
    with pytest.raises(InvalidParameter, match="whole number from 1"):
        default(0)
