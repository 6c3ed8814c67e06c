"""Keras as the oracle: layers, activations, regularizers, constraints, initializers."""

import os

import jax
import numpy as np
import pytest

import lamina
from lamina import activations, constraints, initializers, layers, regularizers
from lamina.activations import ACTIVATIONS
from lamina.initializers import INITIALIZERS

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")

RNG = np.random.RandomState(0)
FLAT, DEEP, DEEPER = (RNG.randn(*shape).astype(np.float32) * 2 for shape in ((8, 4), (8, 3, 4), (8, 2, 3, 4)))
WHOLE = RNG.randint(0, 5, (8, 3)).astype(np.float32)
OURS_ALONE = {"identity", "logistic", "exp"}  # scikit-learn's names

DETERMINISTIC = [
    ("Activation", {"activation": "leaky_relu"}, FLAT),
    ("Activation", {"activation": "gelu"}, FLAT),
    ("Dense", {"units": 3}, FLAT),
    ("Dense", {"units": 3, "activation": "selu", "use_bias": False}, DEEP),
    ("BatchNormalization", {}, FLAT),
    ("BatchNormalization", {"axis": 1, "epsilon": 0.1, "momentum": 0.5}, DEEP),
    ("BatchNormalization", {"center": False}, DEEP),
    ("LayerNormalization", {}, FLAT),
    ("LayerNormalization", {"axis": 1, "epsilon": 0.1}, DEEP),
    ("LayerNormalization", {"axis": [1, 2]}, DEEP),
    ("RMSNormalization", {}, FLAT),
    ("RMSNormalization", {"epsilon": 0.1}, DEEPER),  # Keras' own fails on axes before the last
    ("GroupNormalization", {"groups": 1}, FLAT),
    ("GroupNormalization", {"groups": 2}, DEEP),
    ("GroupNormalization", {"groups": 2, "epsilon": 0.1}, DEEPER),
    ("GroupNormalization", {"groups": -1, "axis": 1, "scale": False}, DEEP),
    ("Normalization", {"mean": [1.0, 2, 3, 4], "variance": [1.0, 4, 0, 2]}, FLAT),
    ("Normalization", {"axis": None, "mean": 1.0, "variance": 4.0}, FLAT),
    ("Normalization", {"mean": [1.0, 2, 3, 4], "variance": [1.0, 4, 0, 2], "invert": True}, FLAT),
    ("Rescaling", {"scale": 1 / 255, "offset": -0.5}, FLAT),
    ("Rescaling", {"scale": [1.0, 2.0, 3.0, 4.0]}, DEEP),
    ("Flatten", {}, DEEPER),
    ("Reshape", {"target_shape": (2, -1)}, FLAT),
    ("ReLU", {}, FLAT),
    ("ReLU", {"max_value": 1.5, "negative_slope": 0.1, "threshold": 0.5}, FLAT),
    ("ReLU", {"max_value": 6.0}, FLAT * 5),
    ("LeakyReLU", {}, FLAT),
    ("LeakyReLU", {"negative_slope": 0.05}, FLAT),
    ("PReLU", {"alpha_initializer": "random_normal"}, FLAT),
    ("PReLU", {"alpha_initializer": "random_normal", "shared_axes": [1, 2]}, DEEPER),
    ("ELU", {}, FLAT),
    ("ELU", {"alpha": 0.3}, FLAT),
    ("Softmax", {}, FLAT),
    ("Softmax", {"axis": 1}, DEEP),
    ("Embedding", {"input_dim": 5, "output_dim": 2}, WHOLE),
    *((name, {"rate": 0.3}, FLAT) for name in ("Dropout", "AlphaDropout", "GaussianDropout")),
    ("GaussianNoise", {"stddev": 0.3}, FLAT),
]


def _pair(name, settings, x):
    """Our layer and Keras', with the same random weights: `get_weights` of one goes into the other as it is."""
    ours, theirs = getattr(layers, name)(**settings), getattr(keras.layers, name)(**settings)
    ours.build(x.shape[1:])
    theirs.build(x.shape)
    if name != "Normalization":
        weights = [np.abs(RNG.randn(*array.shape)).astype(np.float32) + 0.1 for array in ours.get_weights()]
        ours.set_weights(weights)
        theirs.set_weights(weights)
    return ours, theirs


@pytest.mark.parametrize(("name", "settings", "x"), DETERMINISTIC, ids=lambda value: str(value)[:40])
def test_prediction(name, settings, x):
    """Rows 11, 14-16, 18, 31, 33, 35, 79, 81: the same outputs from the same weights."""
    ours, theirs = _pair(name, settings, x)
    np.testing.assert_allclose(ours(x), theirs(x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("name", "settings", "x"), DETERMINISTIC, ids=lambda value: str(value)[:40])
def test_defaults_are_keras_own(name, settings, x):
    """Every parameter that both have, with the value that both have when nothing is said."""
    ours = getattr(layers, name)(**settings).get_config()
    theirs = getattr(keras.layers, name)(**settings).get_config()
    for key in ours.keys() & theirs.keys() - settings.keys():
        if isinstance(theirs[key], dict):  # a serialized initializer
            assert initializers.get(ours[key]) == initializers.get(theirs[key]["class_name"])
        elif key == "activation":
            assert activations.get(ours[key]) is activations.get(theirs[key])
        else:
            assert theirs[key] in (ours[key], (ours[key],)), key  # Normalization makes a tuple of an axis


@pytest.mark.parametrize("settings", [{}, {"axis": 1, "momentum": 0.7}, {"scale": False, "epsilon": 0.01}], ids=str)
def test_batch_normalization_in_training(settings):
    """Rows 31, 33: outputs, and moving statistics over several batches."""
    ours, theirs = _pair("BatchNormalization", settings, DEEP)
    for k in range(4):
        x = DEEP * (k + 1) + k
        np.testing.assert_allclose(ours(x, training=True), theirs(x, training=True), rtol=2e-5, atol=2e-6)
        for a, b in zip(ours.get_weights(), theirs.weights, strict=True):
            np.testing.assert_allclose(a, b.value, rtol=2e-6, atol=1e-6)


NORMAL = {"beta_initializer": "ones", "gamma_initializer": "zeros"}
MOVING = {"moving_mean_initializer": "ones", "moving_variance_initializer": "zeros"}


@pytest.mark.filterwarnings("ignore")  # of Keras
@pytest.mark.parametrize(
    ("name", "settings"), [("BatchNormalization", {**NORMAL, **MOVING}), ("LayerNormalization", NORMAL)]
)
def test_first_weights_of_normalisation(name, settings):
    ours, theirs = getattr(layers, name)(**settings), getattr(keras.layers, name)(**settings)
    ours.build((4,))
    theirs.build((None, 4))
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.filterwarnings("ignore")  # of Keras
@pytest.mark.parametrize(
    ("name", "settings"),
    [("BatchNormalization", {}), ("LayerNormalization", {}), ("GroupNormalization", {"groups": 2})],
)
def test_penalties_and_constraints_of_normalisation(name, settings):
    """Rows 33, 34, 35, 78: five steps with penalties and constraints on gamma and beta. 1e-5: float32."""

    def stack(door):
        layer = getattr(door.layers, name)(
            **settings,
            gamma_regularizer=door.regularizers.L2(0.3),
            beta_regularizer="l1",
            gamma_constraint=door.constraints.MaxNorm(1.5),
            beta_constraint="non_neg",
        )
        model = door.Sequential([door.Input((4,)), layer, door.layers.Dense(2)])
        model.compile(door.optimizers.SGD(0.05), "mse")
        return model

    ours, theirs = stack(lamina), stack(keras)
    theirs.set_weights(ours.get_weights())
    for x in (FLAT + k for k in range(5)):
        expected = theirs.train_on_batch(x, FLAT[:, :2])
        np.testing.assert_allclose(ours.train_on_batch(x, FLAT[:, :2]), expected, rtol=1e-5)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "x"), [({}, FLAT), ({}, DEEP), ({"axis": None}, DEEP), ({"axis": [1, 2]}, DEEP), ({"axis": 1}, DEEPER)]
)
def test_normalization_adapts_to_the_same_statistics(settings, x):
    ours, theirs = layers.Normalization(**settings), keras.layers.Normalization(**settings)
    ours.adapt(x)
    theirs.adapt(x)
    np.testing.assert_allclose(ours(x), theirs(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise"])
def test_noise_has_the_same_moments(name):
    """Of 40,000 outputs each, means are known to 0.01 and variances to 2%; five times that is allowed."""
    x = np.random.RandomState(1).randn(400, 100).astype(np.float32)
    ours = np.asarray(getattr(layers, name)(0.3)(x, training=True))
    theirs = np.asarray(getattr(keras.layers, name)(0.3, seed=1)(x, training=True))
    assert abs(ours.mean() - theirs.mean()) < 0.05
    np.testing.assert_allclose(ours.var(), theirs.var(), rtol=0.1)


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - OURS_ALONE))
def test_activation(name):
    """Rows 14, 15, 18-20: the function and its derivative."""
    x = np.linspace(-8, 8, 201, dtype=np.float32).reshape(3, 67)
    theirs = keras.activations.get(name)
    np.testing.assert_allclose(activations.get(name)(x), theirs(x), rtol=1e-6, atol=1e-6)
    x += 0.013  # away from kinks, where each side may take either slope
    ours, theirs = (jax.grad(lambda x, f=f: f(x).sum())(x) for f in (activations.get(name), theirs))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["celu", "elu", "gelu", "leaky_relu", "relu", "softmax", "squareplus"])
def test_defaults_of_activations(name):
    """By call, not by signature: the same with no parameter given."""
    ours, theirs = getattr(activations, name)(FLAT), getattr(keras.activations, name)(FLAT)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "values"), [("L1", (0.3,)), ("L2", (0.3,)), ("L1L2", (0.1, 0.2)), ("l1", ()), ("l2", ())]
)
def test_regularizer(name, values):
    """Rows 75-77."""
    ours, theirs = (getattr(module, name)(*values) for module in (regularizers, keras.regularizers))
    np.testing.assert_allclose(ours(FLAT), theirs(FLAT), rtol=1e-6)
    np.testing.assert_allclose(jax.grad(ours)(FLAT), jax.grad(theirs)(FLAT), rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("MaxNorm", {}),
        ("max_norm", {"max_value": 1.0, "axis": 1}),
        ("MaxNorm", {"max_value": 3.0, "axis": [0, 1]}),
        ("NonNeg", {}),
        ("non_neg", {}),
        ("UnitNorm", {}),
        ("unit_norm", {"axis": 1}),
        ("MinMaxNorm", {}),
        ("min_max_norm", {"min_value": 1.0, "max_value": 2.0, "rate": 0.3, "axis": 1}),
    ],
)
def test_constraint(name, values):
    """Rows 82, 83."""
    ours, theirs = (getattr(module, name)(**values) for module in (constraints, keras.constraints))
    np.testing.assert_allclose(ours(FLAT), theirs(FLAT), rtol=1e-6, atol=1e-7)


def _drawn(make, shape):
    """What `make` draws from our initializers and from Keras'."""
    return (np.asarray(make(module)(shape), np.float64) for module in (initializers, keras.initializers))


@pytest.mark.parametrize("name", sorted(set(INITIALIZERS) - {"glorot_uniform_logistic", "constant", "Constant"}))
def test_initializer(name):
    """Rows 23-25. Variance and largest value of 120,000 numbers: known to 0.5% and, where there is a bound, 0.1%."""
    ours, theirs = _drawn(lambda module: module.get(name), (300, 400))
    np.testing.assert_allclose(ours.var(), theirs.var(), rtol=0.03)
    assert abs(ours.mean() - theirs.mean()) <= 5 * np.sqrt(2 * ours.var() / ours.size)
    if name.lower().replace("_", "") not in ("randomnormal", "normal", "orthogonal"):
        np.testing.assert_allclose(abs(ours).max(), abs(theirs).max(), rtol=0.01)


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize("distribution", ["truncated_normal", "untruncated_normal", "normal", "uniform"])
@pytest.mark.parametrize("shape", [(300, 100), (3, 50, 200)])
def test_variance_scaling(mode, distribution, shape):
    """Row 26. 30,000 numbers: variances are known to 1% on both sides."""
    ours, theirs = _drawn(lambda module: module.VarianceScaling(2.0, mode, distribution), shape)
    np.testing.assert_allclose(ours.var(), theirs.var(), rtol=0.06)
