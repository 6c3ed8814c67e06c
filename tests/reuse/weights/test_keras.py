"""Keras 3 as the oracle: the same outputs from the same weights, in both directions."""

import os

import jax
import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.activations import ACTIVATIONS
from lamina.errors import FileError, InvalidParameter
from lamina.reuse import from_keras, to_keras

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:keras")  # of Keras with newer NumPy

RNG = np.random.RandomState(0)
FLAT, DEEP, IMAGES = (RNG.randn(*shape).astype(np.float32) * 2 for shape in ((8, 4), (8, 3, 4), (8, 5, 5)))
WHOLE = RNG.randint(0, 5, (8, 3)).astype(np.float32)

#: names and settings that both have
STACKS = {
    "batch normalisation": (
        FLAT,
        [("Dense", {"units": 6, "use_bias": False}), ("BatchNormalization", {}), ("ELU", {})],
    ),
    "other normalisations": (
        DEEP,
        [
            ("LayerNormalization", {"axis": [1, 2]}),
            ("GroupNormalization", {"groups": 2, "scale": False}),
            ("RMSNormalization", {"epsilon": 0.1}),
            ("BatchNormalization", {"axis": 1, "epsilon": 0.1, "momentum": 0.5, "center": False}),
        ],
    ),
    "noise": (
        FLAT,
        [
            *((name, {"rate": 0.3}) for name in ("Dropout", "AlphaDropout", "GaussianDropout")),
            ("GaussianNoise", {"stddev": 0.3}),
            ("Dense", {"units": 2, "activation": "selu", "kernel_initializer": "lecun_normal"}),
        ],
    ),
    "rectifiers": (
        FLAT,
        [
            ("ReLU", {"max_value": 1.5, "negative_slope": 0.1, "threshold": 0.5}),
            ("Dense", {"units": 5}),
            ("LeakyReLU", {"negative_slope": 0.05}),
            ("PReLU", {"alpha_initializer": "random_normal"}),
            ("ELU", {"alpha": 0.3}),
            ("Softmax", {}),
        ],
    ),
    "shapes": (
        IMAGES,
        [
            ("Flatten", {}),
            ("Dense", {"units": 6}),
            ("Reshape", {"target_shape": (2, -1)}),
            ("PReLU", {"shared_axes": [1]}),
        ],
    ),
    "embedding": (WHOLE, [("Embedding", {"input_dim": 5, "output_dim": 2}), ("Flatten", {}), ("Dense", {"units": 1})]),
    "scaled": (
        FLAT,
        [
            ("Normalization", {"mean": [1.0, 2, 3, 4], "variance": [1.0, 4, 9, 2]}),
            ("Rescaling", {"scale": 0.5, "offset": [1.0, 2.0, 3.0, 4.0]}),
            ("Normalization", {"axis": None, "mean": 1.0, "variance": 4.0, "invert": True}),
            ("Dense", {"units": 2}),
        ],
    ),
}


def stack_of(door, stack, x):
    """A built model with weights that are nowhere 0 or 1, and positive where they are variances."""
    model = door.Sequential([door.Input(x.shape[1:]), *(getattr(door.layers, n)(**settings) for n, settings in stack)])
    for layer in model.layers:
        if type(layer).__name__ != "Normalization":
            layer.set_weights([np.abs(RNG.randn(*np.shape(a))) + 0.1 for a in layer.get_weights()])
    return model


def outputs(model, x):
    return np.asarray(model.predict(x, verbose=0))


def assert_alike(a, b, x):
    """Relative to the largest output, 1e-6: float32 sums of a dozen numbers."""
    scale = np.abs(outputs(b, x)).max()
    np.testing.assert_allclose(outputs(a, x), outputs(b, x), rtol=2e-6, atol=1e-6 * scale)


def assert_same_layers(a, b):
    assert [layer.name for layer in a.layers] == [layer.name for layer in b.layers]
    assert [layer.trainable for layer in a.layers] == [layer.trainable for layer in b.layers]
    for one, other in zip(a.layers, b.layers, strict=True):
        assert type(one).__name__ == type(other).__name__
        if type(one).__name__ != "Normalization":
            for x, y in zip(one.get_weights(), other.get_weights(), strict=True):
                np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("name", STACKS)
def test_from_keras_and_back(name):
    """Rows 30, 94: layers, names, weights and outputs; and once more after the way back."""
    x, stack = STACKS[name]
    theirs = stack_of(keras, stack, x)
    theirs.layers[-1].trainable = False
    model = from_keras(theirs)
    assert_same_layers(model, theirs)
    assert_alike(model, theirs, x)
    assert_same_layers(to_keras(model), model)


@pytest.mark.parametrize("name", STACKS)
def test_to_keras(name):
    """Rows 30, 94: what was built here."""
    x, stack = STACKS[name]
    model = stack_of(lamina, stack, x)
    model.layers[0].trainable = False
    theirs = to_keras(model)
    assert_same_layers(theirs, model)
    assert_alike(theirs, model, x)
    assert not theirs.compiled


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS)))
def test_activations(name):
    """Every one, as an argument and as a layer, there and back."""
    model = lamina.Sequential([layers.Dense(4, name, input_shape=(4,)), layers.Activation(name)])
    theirs = to_keras(model)
    assert_alike(theirs, model, FLAT / 4)
    assert_alike(from_keras(theirs), model, FLAT / 4)


@pytest.mark.parametrize("kind", ["GELU", "Mish", "SELU", "SiLU", "Softplus"])
def test_layers_that_keras_has_as_names(kind):
    model = lamina.Sequential([getattr(layers, kind)(input_shape=(4,)), layers.Dense(2)])
    assert_alike(to_keras(model), model, FLAT)


def test_activations_that_are_layers():
    """They are activations here and there, and the next layer on the way out."""
    there = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, keras.layers.LeakyReLU(0.1), name="hidden")])
    model = from_keras(there)
    assert model.layers[0].activation == layers.LeakyReLU(0.1)
    assert_alike(model, there, FLAT)
    theirs = to_keras(model)
    assert [layer.name for layer in theirs.layers] == ["hidden", "hidden_activation"]
    assert_alike(theirs, model, FLAT)


def test_statistics_learned_in_training():
    """Rows 31, 94: moving averages and an adapted scaler, after a training on either side."""
    y = FLAT[:, :1]
    scaler = keras.layers.Normalization()
    scaler.adapt(FLAT)
    there = keras.Sequential([scaler, keras.layers.Dense(5), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
    there.compile("sgd", "mse")
    there.fit(FLAT, y, epochs=2, verbose=0)
    model = from_keras(there)
    assert model.layers[2].get_weights()[2].any()
    assert_alike(model, there, FLAT)
    model.compile("sgd", "mse")
    model.fit(FLAT, y, epochs=2, verbose=0)
    assert_alike(to_keras(model), model, FLAT)


def test_penalties_constraints_and_initializers():
    """Rows 34, 78: they come along both ways; what Keras' drawing has not is left out."""
    settings = {"kernel_regularizer": {"l1": 0.1, "l2": 0.2}, "bias_regularizer": 0.3, "kernel_constraint": 1.5}

    def dense(door):
        return door.layers.Dense(
            3,
            kernel_initializer=door.initializers.VarianceScaling(2.0, "fan_avg"),
            kernel_regularizer=door.regularizers.L1L2(**settings["kernel_regularizer"]),
            bias_regularizer=door.regularizers.L2(settings["bias_regularizer"]),
            kernel_constraint=door.constraints.MaxNorm(settings["kernel_constraint"]),
        )

    ours = lamina.Sequential([lamina.Input((4,)), dense(lamina)])
    theirs = keras.Sequential([keras.Input((4,)), dense(keras)])
    taken, drawn = from_keras(theirs).layers[0].get_config(), ours.layers[0].get_config()
    for name in drawn.keys() - {"activation", "bias_initializer"}:  # the same by another spelling
        assert taken[name] == drawn[name], name
    there, expected = (model.layers[0].get_config() for model in (to_keras(ours), theirs))
    assert {**there, "name": None} == {**expected, "name": None}
    odd = lamina.Sequential([layers.Dense(3, kernel_initializer="glorot_uniform_logistic", input_shape=(4,))])
    assert type(to_keras(odd).layers[0].kernel_initializer).__name__ == "GlorotUniform"


def test_weights_are_copies():
    there = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model = from_keras(there)
    before = outputs(there, FLAT)
    model.layers[0].set_weights([np.zeros((4, 2)), np.zeros(2)])
    np.testing.assert_array_equal(outputs(there, FLAT), before)
    assert not outputs(model, FLAT).any()


def test_functional_chains_and_models_within():
    inputs = keras.Input((4,), name="rows")
    inner = keras.Sequential([keras.layers.Dense(4, "relu", name="within"), keras.layers.Dropout(0.1, name="noise")])
    twice = keras.layers.Dense(4, "tanh", name="twice")
    hidden = twice(twice(inner(inputs)))
    model = keras.Model(inputs, keras.layers.Dense(2, name="last")(hidden), name="chain")
    keras.Model(inputs, keras.layers.Dense(3)(hidden))  # another use of the same layers changes nothing
    ours = from_keras(model)
    assert [layer.name for layer in ours.layers] == ["within", "noise", "twice", "twice", "last"]
    assert ours.layers[2] is ours.layers[3]
    assert ours.name == "chain"
    assert_alike(ours, model, FLAT)
    with pytest.raises(InvalidParameter, match='"twice" stands in several places'):
        to_keras(ours)


def test_files(tmp_path):
    """Row 94: a .keras file; a cut, a foreign and a missing one; one with code."""
    there = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="only")])
    there.compile("adam", "mse")
    path = tmp_path / "model.keras"
    there.save(path)
    assert_alike(from_keras(path), there, FLAT)
    assert_alike(from_keras(str(path)), there, FLAT)
    (tmp_path / "cut.keras").write_bytes(path.read_bytes()[:500])
    with pytest.raises(FileError, match=r"cut\.keras is truncated"):
        from_keras(tmp_path / "cut.keras")
    with pytest.raises(FileError, match="There is no file"):
        from_keras(tmp_path / "none.keras")
    with pytest.raises(FileError, match=r"ending \.keras"):
        from_keras(tmp_path / "model.h5")
    keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda x: x * 2)]).save(tmp_path / "code.keras")
    with pytest.raises(FileError, match=r"cannot read .*code\.keras.*unsafe"):
        from_keras(tmp_path / "code.keras")


Y = {"binary": FLAT[:, 0] > 0, "classes": [0, 1, 2, 0, 1, 2, 0, 1], "labels": (FLAT[:, :3] > 0).astype(int)}
SETTINGS = {"hidden_layer_sizes": (5,), "max_iter": 2, "random_state": 0}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", Y)
def test_classifiers(kind):
    """Row 30: probabilities; of two classes the second's."""
    clf = lamina.MLPClassifier(**SETTINGS, activation="leaky_relu", normalization="batch", dropout=0.1, max_norm=1.0)
    clf.fit(FLAT, Y[kind])
    expected = clf.predict_proba(FLAT)
    np.testing.assert_allclose(
        outputs(to_keras(clf), FLAT), expected[:, 1:] if kind == "binary" else expected, rtol=2e-6, atol=1e-6
    )


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("settings", [{}, {"loss": "poisson"}], ids=str)
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_regressors(settings, n_outputs):
    """Row 30: float64 estimators become float32 where Keras' library has no more."""
    y = np.abs(FLAT[:, :n_outputs]).astype(np.float64).squeeze()
    reg = lamina.MLPRegressor(**SETTINGS, **settings).fit(FLAT.astype(np.float64), y)
    assert reg.model_.dtype == "float64"
    there = outputs(to_keras(reg), FLAT)
    np.testing.assert_allclose(there, reg.predict(FLAT).reshape(-1, n_outputs), rtol=2e-6, atol=1e-6)


def test_precision():
    """float64 where both have it (Keras' own tanh is float32 there), and bfloat16 products."""
    double = lamina.Sequential([layers.Dense(3, "relu", input_shape=(4,)), layers.Dense(1)], dtype="float64")
    with jax.enable_x64(True):
        there = to_keras(double)
        x = FLAT.astype(np.float64)
        np.testing.assert_allclose(np.asarray(there(x)), double.predict(x, verbose=0), rtol=1e-13)
        back = from_keras(there)
        assert back.dtype == "float64"
    for a, b in zip(back.get_weights(), double.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    low = lamina.Sequential([layers.Dense(3, input_shape=(4,))], dtype="bfloat16")
    assert to_keras(low).layers[0].compute_dtype == "bfloat16"
    assert from_keras(to_keras(low)).dtype == "bfloat16"


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (
            lambda: keras.layers.Conv1D(2, 2),
            r'layer 1 \(from 0\), the Conv1D "odd", has no counterpart.*Dense, Dropout',
        ),
        (lambda: keras.layers.Dense(2, "glu"), 'activation "glu"'),
        (lambda: keras.layers.Dense(2, kernel_regularizer=lambda w: 0.0), "kernel_regularizer"),
        (lambda: keras.layers.Dropout(0.1, noise_shape=(1, 3, 2)), "noise_shape"),
        (lambda: keras.layers.Flatten(data_format="channels_first"), "data_format='channels_first'"),
        (lambda: keras.layers.Dense(2, activity_regularizer="l2"), "activity_regularizer"),
    ],
)
@pytest.mark.filterwarnings("ignore")  # of Keras
def test_layers_that_lamina_has_not(layer, said):
    odd = layer()
    odd.name = "odd"
    with pytest.raises(InvalidParameter, match=said):
        from_keras(keras.Sequential([keras.Input((3, 2)), keras.layers.Dense(2), odd]))


def test_models_that_lamina_has_not():
    a, b = keras.Input((4,)), keras.Input((4,))
    joined = keras.layers.Add(name="joined")([a, keras.layers.Dense(4)(a)])
    with pytest.raises(InvalidParameter, match=r'"joined" \(Add\) joins 2 tensors'):
        from_keras(keras.Model(a, joined))
    with pytest.raises(InvalidParameter, match="is an operation, not a layer"):
        from_keras(keras.Model(a, keras.ops.relu(a)))
    with pytest.raises(InvalidParameter, match="2 inputs and 1 outputs"):
        from_keras(keras.Model([a, b], keras.layers.Add()([a, b])))
    with pytest.raises(InvalidParameter, match="no weights yet"):
        from_keras(keras.Sequential([keras.layers.Dense(2)]))
    with pytest.raises(InvalidParameter, match="all but the number of rows"):
        from_keras(keras.Sequential([keras.Input((None, 4)), keras.layers.Dense(2)]))
    with pytest.raises(InvalidParameter, match="Received list of builtins"):
        from_keras([])


def test_a_subclass_is_another_layer():
    class Dense(keras.layers.Dense):
        def call(self, inputs, training=None):
            return super().call(inputs) * 2

    with pytest.raises(InvalidParameter, match=r"layer 0.*has no counterpart in lamina"):
        from_keras(keras.Sequential([keras.Input((4,)), Dense(2)]))


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (layers.RReLU, r'layer 1 \(from 0\), "odd", RReLU\(\), has no counterpart in Keras'),
        (lambda: layers.Residual([layers.Dense(4)]), "no counterpart"),
        (lambda: layers.MCDropout(0.1), "no counterpart"),
        (lambda: layers.Dropout(lambda step: 0.5), "function as rate"),
        (lambda: layers.Dense(2, lambda z: z * 2), "activation that Keras has no name for"),
        (lambda: layers.Dense(2, kernel_regularizer=lambda w: 0.0), "function as kernel_regularizer"),
        (lambda: layers.GELU(approximate=True), "approximation"),
    ],
)
def test_layers_that_keras_has_not(layer, said):
    odd = layer()
    odd.name = "odd"
    model = lamina.Sequential([layers.Dense(4, input_shape=(4,)), odd])
    with pytest.raises(InvalidParameter, match=said):
        to_keras(model)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_ensemble_is_several_networks():
    several = lamina.MLPClassifier(**SETTINGS, n_members=2).fit(FLAT, Y["classes"])
    with pytest.raises(InvalidParameter, match=r"to_keras\(estimator.estimators_\[0\]\)"):
        to_keras(several)
