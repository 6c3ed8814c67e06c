"""Deviations of signals on their way forward and backward, against NumPy and integrals."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

import lamina as keras
from lamina import MLPClassifier, MLPRegressor
from lamina.errors import DataError, InvalidParameter
from lamina.inspection import signal_propagation

X, Y = load_iris(return_X_y=True)


def deep(depth, activation, kernel_initializer="auto", width=40, **settings):
    settings = {"random_state": 0, "activation": activation, "kernel_initializer": kernel_initializer, **settings}
    return MLPRegressor(hidden_layer_sizes=(width,) * depth, **settings)


def test_a_linear_net_by_hand():
    """Row 43: products of matrices in NumPy, forward and back. 1e-10: sums in another order."""
    model = keras.Sequential([keras.layers.Dense(30, use_bias=False, input_shape=(20,)) for _ in range(1)])
    for _ in range(29):
        model.add(keras.layers.Dense(30, use_bias=False))
    found = signal_propagation(model, n_rows=64)
    kernels = [kernel.astype(float) for kernel in model.get_weights()]
    z = np.random.RandomState(0).standard_normal((64, 20))
    outputs = [z := z @ kernel for kernel in kernels]
    gradient = np.random.RandomState(1).standard_normal((64, 30))
    gradients = [gradient, *(gradient := gradient @ kernel.T for kernel in kernels[:0:-1])][::-1]
    np.testing.assert_allclose(found.activation_std, [z.std() for z in outputs], rtol=1e-10)
    np.testing.assert_allclose(found.activation_mean, [z.mean() for z in outputs], atol=1e-10)
    np.testing.assert_allclose(found.gradient_std, [g.std() for g in gradients], rtol=1e-10)
    assert found.hidden.tolist() == list(range(29))
    np.testing.assert_allclose(found.forward_ratio, found.activation_std / found.activation_std[0])
    np.testing.assert_allclose(found.backward_ratio, found.gradient_std / found.gradient_std[28])


@pytest.fixture(scope="module")
def selu():
    return signal_propagation(deep(1000, "selu", "lecun_normal"), n_features=40)


def test_selu_of_1000_layers(selu):
    """Rows 41, 43: activations stay near mean 0 and deviation 1, though layers of 40 units only do so roughly."""
    assert len(selu.layers) == 1001
    assert (np.abs(selu.activation_mean[selu.hidden]) < 0.5).all()
    assert ((selu.activation_std[selu.hidden] > 0.6) & (selu.activation_std[selu.hidden] < 1.6)).all()


def test_gradients_of_selu_grow(selu):
    """Row 43: by the root of the mean squared slope per layer, an integral over normal numbers. 1%: random weights."""
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    below, _ = quad(lambda z: norm.pdf(z) * (scale * alpha * np.exp(z)) ** 2, -10, 0)
    expected = np.sqrt(below + 0.5 * scale**2)
    per_layer = selu.backward_ratio[0] ** (1 / 999)
    assert abs(per_layer / expected - 1) < 0.01
    assert not selu.kept
    assert "gradients grow" in selu.verdict
    assert "activations keep their size" in selu.verdict


def test_1000_layers_compile_as_few(compiles):
    """Row 43: layers that are alike share their functions."""
    with compiles() as few:
        signal_propagation(deep(3, "elu", width=11), n_features=7)
    with compiles(at_most=0):
        signal_propagation(deep(300, "elu", width=11), n_features=7)
    assert few.count < 20


def test_sigmoids_shrink_gradients():
    """Rows 41, 43: each layer's slope is at most 1/4."""
    found = signal_propagation(deep(10, "logistic", "glorot_uniform"), n_features=40)
    assert not found.kept
    ratio = found.backward_ratio[:10]
    assert (np.diff(np.log(ratio)) > np.log(2)).all()
    assert "gradients shrink" in found.verdict


@pytest.mark.parametrize(("initializer", "kept"), [("he_normal", True), ("lecun_normal", False)])
def test_rectifiers(initializer, kept):
    """Rows 41, 43: He's rule keeps both sizes; with half the variance, each layer takes a factor of 0.7."""
    found = signal_propagation(deep(20, "relu", initializer, width=100), n_features=100)
    assert found.kept is kept
    if not kept:
        per_layer = found.forward_ratio[19] ** (1 / 19), found.backward_ratio[0] ** (1 / 19)
        np.testing.assert_allclose(per_layer, np.sqrt(0.5), rtol=0.03)


def test_explosion_and_death_have_words():
    exploding = deep(60, "relu", keras.initializers.RandomNormal(stddev=1e10))
    assert "explode" in signal_propagation(exploding, n_features=40).verdict
    dead = deep(3, "relu", keras.initializers.Zeros())
    found = signal_propagation(dead, n_features=40)
    assert "vanish" in found.verdict or "explode" in found.verdict
    assert not found.kept


def test_weights_are_those_that_training_starts_from():
    """Row 43: activations on rows as scikit-learn's forward pass gives them, from the weights before the first step."""
    model = MLPClassifier((20, 10), random_state=3, dtype="float64")
    found = signal_propagation(model, X, Y, n_rows=150).on_rows
    assert not hasattr(model, "coefs_")
    model.set_params(learning_rate_init=1e-30, max_iter=1)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, Y)
    hidden = [np.maximum(X @ model.coefs_[0] + model.intercepts_[0], 0)]
    hidden.append(np.maximum(hidden[0] @ model.coefs_[1] + model.intercepts_[1], 0))
    np.testing.assert_allclose(found.activation_std[:2], [layer.std() for layer in hidden], rtol=1e-9)
    again = signal_propagation(model, X, n_rows=150).on_rows  # fitted
    np.testing.assert_array_equal(again.activation_std, found.activation_std)


def test_given_rows_can_fail_alone():
    """Row 43: SELU brings large inputs down from layer to layer; standard-normal ones it leaves as they are."""
    model = deep(15, "selu", "lecun_normal")
    assert signal_propagation(model, X / X.std()).kept
    found = signal_propagation(model, X * 1e4)
    assert found.on_rows.inputs == "the given rows"
    assert not found.kept
    assert "With standard-normal inputs: activations keep" in found.verdict
    assert "With the given rows: activations shrink" in found.verdict


def test_table():
    table = signal_propagation(deep(2, "tanh"), n_features=4).to_dict()
    assert table["layer"] == ["dense", "dense_1", "dense_2"]
    assert table["hidden"] == [True, True, False]
    assert {len(column) for column in table.values()} == {3}


def test_what_hidden_is_with_blocks():
    """Outputs are compared after normalisation, activation and dropout, where the next weights receive them."""
    layers = keras.layers
    model = keras.Sequential([
        layers.Flatten(input_shape=(4, 5)), layers.Dense(9, use_bias=False), layers.BatchNormalization(),
        layers.Activation("elu"), layers.Dropout(0.2), layers.Residual([layers.Dense(9, "relu"), layers.Dense(9)]),
        layers.Dense(3, "softmax"),
    ])  # fmt: skip
    before = [weight.copy() for weight in model.get_weights()]
    state = np.random.get_state()[1].copy()
    found = signal_propagation(model, np.random.RandomState(0).uniform(0, 255, (50, 4, 5)), n_rows=50)
    assert [found.layers[i] for i in found.hidden] == ["dropout", "residual"]
    assert found.kept
    assert all((a == b).all() for a, b in zip(before, model.get_weights()))
    assert (state == np.random.get_state()[1]).all()


def test_a_single_layer_has_nothing_to_keep():
    found = signal_propagation(keras.Sequential([keras.layers.Dense(3, input_shape=(4,))]))
    assert found.kept
    assert "nothing to keep" in str(found)


def test_embedding_takes_rows_only():
    layers = keras.layers
    model = keras.Sequential([layers.Embedding(5, 3, input_shape=(2,)), layers.Flatten(), layers.Dense(4)])
    with pytest.raises(InvalidParameter, match="whole numbers"):
        signal_propagation(model)
    assert signal_propagation(model, np.array([[0, 1], [4, 2]])).inputs == "the given rows"


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (MLPClassifier(), InvalidParameter, "not fitted, so the number of columns is unknown"),
        (object(), InvalidParameter, "type object"),
        (keras.Sequential([keras.layers.Dense(2)]), DataError, "no weights yet"),
    ],
)
def test_errors(model, error, message):
    with pytest.raises(error, match=message):
        signal_propagation(model)
