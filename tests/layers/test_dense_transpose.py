"""Tied weights: one kernel, two uses."""

import numpy as np
import pytest

from lamina.engine.plan import Plan
from lamina.engine.precision import precision
from lamina.engine.program import program_for
from lamina.engine.run import Data
from lamina.errors import DataError
from lamina.layers import Dense, DenseTranspose
from lamina.losses import MeanSquaredError
from lamina.models import Sequential, load_model
from lamina.optimizers import SGD

X = np.random.RandomState(0).randn(7, 5)


@pytest.fixture
def model():
    np.random.seed(0)
    return Sequential([Dense(2, "tanh", name="encoder", input_shape=(5,)), DenseTranspose(5, of="encoder")])


def test_outputs_are_those_of_the_transposed_kernel(model):
    model.layers[1].set_weights([np.arange(5, dtype=np.float32)])
    kernel, bias = model.layers[0].get_weights()
    expected = np.tanh(X @ kernel + bias) @ kernel.T + np.arange(5)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-5, atol=1e-6)  # float32


def test_the_kernel_gets_the_gradient_of_both_uses():
    """Row 101. Central differences of 1e-6 are good to 1e-8 in float64."""
    rng = np.random.RandomState(1)
    layers = (("encoder", Dense(2, "tanh")), ("decoder", DenseTranspose(5, of="encoder", activation="sigmoid")))
    plan = Plan(tuple((n, each.recipe()) for n, each in layers), MeanSquaredError(), (), SGD(), "float64", 7)
    params = {"encoder": {"kernel": rng.randn(5, 2), "bias": rng.randn(2)}, "decoder": {"bias": rng.randn(5)}}
    data, state = Data(X, X, np.ones(7)), {"encoder": {}, "decoder": {}}

    def loss_and_grad(kernel):
        moved = {**params, "encoder": {**params["encoder"], "kernel": kernel}}
        with precision("float64"):
            loss, grads = program_for(plan).loss_and_grad(moved, state, data, np.int32(7), {"alpha": np.float64(0)})
        return float(loss), np.asarray(grads["encoder"]["kernel"])

    kernel = params["encoder"]["kernel"]
    slopes = np.zeros((5, 2))
    for place in np.ndindex(5, 2):
        step = np.zeros((5, 2))
        step[place] = 1e-6
        slopes[place] = (loss_and_grad(kernel + step)[0] - loss_and_grad(kernel - step)[0]) / 2e-6
    np.testing.assert_allclose(loss_and_grad(kernel)[1], slopes, rtol=1e-6, atol=1e-8)


def test_training_keeps_them_tied_and_a_file_too(model, tmp_path):
    model.compile("sgd", "mse")
    model.fit(X, X, epochs=2, verbose=0)
    assert [array.shape for array in model.get_weights()] == [(5, 2), (2,), (5,)]
    model.save(tmp_path / "tied.lamina")
    np.testing.assert_array_equal(load_model(tmp_path / "tied.lamina").predict(X), model.predict(X))


def test_mistakes():
    with pytest.raises(DataError, match=r"but 'decoder' has no kernel.*layers are dense_transpose, encoder"):
        Sequential([Dense(2, name="encoder", input_shape=(5,)), DenseTranspose(5, of="decoder")]).predict(X)
    with pytest.raises(DataError, match=r"has a kernel of shape \(5, 2\)"):
        Sequential([Dense(2, name="encoder", input_shape=(5,)), DenseTranspose(4, of="encoder")]).predict(X)
    with pytest.raises(DataError, match="no kernel of its own"):
        DenseTranspose(4, of="encoder")(X)
