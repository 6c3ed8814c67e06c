"""Batch normalisation in dense layers: the same predictions from fewer layers."""

import numpy as np
import pytest

from lamina import MLPClassifier
from lamina.layers import Activation, BatchNormalization, Dense, Dropout, Flatten, Residual
from lamina.models import Sequential, fold_batch_normalization
from lamina.utils import set_random_seed

X = np.random.RandomState(0).randn(60, 3, 2).astype(np.float32) * 3 + 1
STACKS = {
    "behind a dense layer": ([Dense(8, use_bias=False), BatchNormalization(), Activation("tanh"), Dense(2)], 3),
    "behind one with a bias": ([Dense(8), BatchNormalization(scale=False), Activation("elu"), Dense(2)], 3),
    "before one": ([Dense(8, "tanh"), BatchNormalization(), Dense(2, "softmax", use_bias=False)], 2),
    "on both sides": ([BatchNormalization(center=False), Dense(8), BatchNormalization(), BatchNormalization()], 1),
    "in place of a scaler": ([BatchNormalization(), Dense(5, "relu"), BatchNormalization(), Dense(2)], 2),
    "in a block": ([Residual([Dense(8), BatchNormalization(), Activation("tanh"), Dropout(0.5), Dense(6)])], 1),
    "kept where it cannot go": ([BatchNormalization(), Activation("tanh"), BatchNormalization(), Dropout(0.2)], 4),
    "kept along another axis": ([Dense(4), BatchNormalization(axis=1), Dense(3, "selu")], 3),
}


@pytest.fixture(autouse=True)
def seed():
    set_random_seed(0)


def trained_by_chance(layers, dtype) -> Sequential:
    """Copies of the layers with weights and statistics such as training makes."""
    layers = [type(layer).from_config(layer.get_config()) for layer in layers]
    model = Sequential([Flatten(input_shape=(3, 2)), *layers], name="net", dtype=dtype)
    model.set_weights([w + np.random.uniform(0.1, 1, w.shape) for w in model.get_weights()])
    return model


@pytest.mark.parametrize(("layers", "left"), STACKS.values(), ids=STACKS)
def test_the_same_predictions_from_fewer_layers(layers, left):
    """Row 36. 1e-12: float64, another order of the same products."""
    model = trained_by_chance(layers, "float64")
    before = model.get_weights()
    folded = fold_batch_normalization(model)
    assert len(folded.layers) == left + 1
    np.testing.assert_allclose(folded.predict(X), model.predict(X), rtol=1e-12, atol=1e-12)
    for ours, weights in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, weights)
    assert folded.name == "net"
    assert folded.get_weights()[0].dtype == np.float64


def test_a_block_keeps_fewer_layers_too():
    folded = fold_batch_normalization(trained_by_chance(STACKS["in a block"][0], "float32"))
    assert [type(layer).__name__ for layer in folded.layers[1].layers] == ["Dense", "Activation", "Dropout", "Dense"]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("position", ["before", "after"])
def test_a_trained_estimator(position):
    """Row 36: its probabilities to 1e-6, in float32, without a single normalisation."""
    x, y = X.reshape(60, 6), (X.sum(axis=(1, 2)) > 6).astype(int)
    clf = MLPClassifier((10, 10), normalization="batch", norm_position=position, max_iter=5, random_state=0).fit(x, y)
    folded = fold_batch_normalization(clf.model_)
    assert not any(isinstance(layer, BatchNormalization) for layer in folded.layers)
    np.testing.assert_allclose(folded.predict(x)[:, 0], clf.predict_proba(x)[:, 1], atol=1e-6)
