"""Model files: every kind of layer, training that goes on as if nothing had happened, and files that are refused."""

import numpy as np
import pytest

import lamina as keras
from lamina import MLPRegressor
from lamina.callbacks import Callback
from lamina.errors import DataError, FileError, InvalidParameter
from lamina.initializers import VarianceScaling
from lamina.layers import (
    ELU,
    SELU,
    Activation,
    AlphaDropout,
    BatchNormalization,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GaussianDropout,
    GaussianNoise,
    GroupNormalization,
    InputLayer,
    Lambda,
    Layer,
    LayerNormalization,
    LeakyReLU,
    MCDropout,
    Normalization,
    PReLU,
    ReLU,
    Rescaling,
    Reshape,
    Residual,
    RMSNormalization,
    RReLU,
    Softmax,
)
from lamina.models import Sequential, load_model
from lamina.optimizers import SGD, Adam
from lamina.optimizers.schedules import ExponentialDecay
from lamina.storage import read_file, write_file

X = np.random.RandomState(0).randn(40, 4).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)


class Scale(Layer):
    """A layer of a user's own, with a weight and a parameter."""

    def __init__(self, start: float = 1.0, **common) -> None:
        super().__init__(**common)
        self.start = start

    def init(self, rng, input_shape):
        return {"factor": np.full(input_shape[-1], self.start)}, {}, input_shape

    def apply(self, params, state, x, call):
        return x * params["factor"], state


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.lamina"


@pytest.fixture
def model():
    model = Sequential([Dense(6, "relu", input_shape=(4,)), Dropout(0.3), BatchNormalization(), Dense(2, "softmax")])
    model.compile(Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def same(ours, others):
    for a, b in zip(ours, others, strict=True):
        np.testing.assert_array_equal(a, b)


KINDS = [
    Activation("gelu"),
    AlphaDropout(0.2),
    BatchNormalization(momentum=0.8, epsilon=0.01, scale=False),
    Dense(
        3,
        "elu",
        use_bias=False,
        kernel_initializer=VarianceScaling(2.0, mode="fan_avg"),
        kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2),
        kernel_constraint=keras.constraints.MaxNorm(1.5),
    ),
    Dropout(0.2),
    ELU(0.7),
    Embedding(5, 2),
    Flatten(),
    GaussianDropout(0.2),
    GaussianNoise(0.2),
    GroupNormalization(2),
    LayerNormalization(epsilon=0.1),
    LeakyReLU(0.1),
    MCDropout(0.0),
    Normalization(mean=[0.0, 1, 2, 3], variance=[1.0, 4, 9, 16]),
    PReLU(),
    RMSNormalization(epsilon=0.1),
    RReLU(),
    ReLU(),
    Rescaling(0.5, offset=[1.0, 2.0, 3.0, 4.0]),
    Reshape((2, 2)),
    Residual([Dense(3, "tanh"), Dropout(0.1), Dense(4)]),
    SELU(),
    Softmax(),
]


@pytest.mark.parametrize("layer", KINDS, ids=lambda layer: type(layer).__name__)
def test_every_kind_of_layer(layer, path):
    """Rows 72, 96: name, settings, weights and outputs come back exactly."""
    x = np.abs(X.astype(int).astype(np.float32)) if isinstance(layer, Embedding) else X
    layer.name, layer.trainable, layer.store = "this_one", False, None
    model = Sequential([InputLayer((4,)), layer], name="mine")
    model.set_weights([w + np.linspace(0.1, 1, w.size).reshape(w.shape).astype(w.dtype) for w in model.get_weights()])
    model.save(path)
    back = load_model(path)
    assert back.name == "mine"
    assert back.layers[0] == layer
    assert (back.layers[0].name, back.layers[0].trainable) == ("this_one", False)
    same(back.get_weights(), model.get_weights())
    np.testing.assert_array_equal(back.predict(x), model.predict(x))
    assert back.optimizer is None


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_dtype(dtype, path):
    model = Sequential([Dense(3, input_shape=(4,))], dtype=dtype)
    model.save(path)
    back = load_model(path)
    assert back.dtype == dtype
    same(back.get_weights(), model.get_weights())
    assert back.get_weights()[0].dtype == model.get_weights()[0].dtype


def test_a_model_without_weights(path):
    Sequential([Dense(3), Dropout(0.1)]).save(path)
    back = load_model(path)
    assert not back.built
    assert back.predict(X).shape == (40, 3)


def test_a_layer_in_two_places(path):
    layer = Dense(4, "tanh")
    model = Sequential([InputLayer((4,)), layer, layer])
    model.save(path)
    back = load_model(path)
    assert back.layers[0] is back.layers[1]
    np.testing.assert_array_equal(back.predict(X), model.predict(X))


def test_equal_layers_have_weights_of_their_own(path):
    model = Sequential([Dense(4, "tanh", input_shape=(4,)), Dense(4, "tanh")])
    model.save(path)
    back = load_model(path)
    assert back.layers[0] == back.layers[1]
    same(back.get_weights(), model.get_weights())
    np.testing.assert_array_equal(back.predict(X), model.predict(X))


@pytest.mark.parametrize(
    "optimizer",
    [
        Adam(0.01),
        Adam(ExponentialDecay(0.05, 3, 0.5), use_ema=True),
        SGD(0.05, momentum=0.9, nesterov=True, clipnorm=1.0),
        "rmsprop",
        "nadam",
    ],
    ids=["adam", "schedule", "sgd", "rmsprop", "nadam"],
)
def test_training_goes_on(model, optimizer, path):
    """Rows 72, 100: two epochs, a file, two epochs more: what four epochs give with the same random numbers.

    Exactly: the same program runs on the same numbers.
    """
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, epochs=2, batch_size=16, verbose=0)
    model.save(path)
    back = load_model(path)
    assert type(back.optimizer) is type(model.optimizer)
    assert back.steps_done == model.steps_done == 6
    histories = []
    for net in (model, back):
        np.random.seed(1)
        histories.append(net.fit(X, Y, epochs=2, batch_size=16, verbose=0).history)
    assert histories[0] == histories[1]
    same(back.get_weights(), model.get_weights())


def test_one_file_is_as_good_as_no_file(model, path):
    """Row 100: saved within a training, by a callback that loads at once."""

    class Through(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.save(path)
            same(load_model(path).get_weights(), self.model.get_weights())

    model.fit(X, Y, epochs=2, callbacks=[Through()], verbose=0)
    same(load_model(path).get_weights(), model.get_weights())


def test_how_it_was_compiled(model, path):
    model.fit(X, Y, verbose=0)
    model.save(path)
    back = load_model(path)
    assert back.optimizer == model.optimizer
    assert back.loss == model.loss
    assert back.evaluate(X, Y, return_dict=True) == model.evaluate(X, Y, return_dict=True)


# -- what a file does not hold --------------------------------------------------------------------------------------


def test_classes_of_a_user(path):
    model = Sequential([Scale(2.0, input_shape=(4,)), Dense(1)])
    model.save(path)
    with pytest.raises(FileError, match=r"uses Scale, a class of its author's.*custom_objects=\{'Scale': Scale\}"):
        load_model(path)
    back = load_model(path, custom_objects={"Scale": Scale})
    assert back.layers[0].start == 2.0
    np.testing.assert_array_equal(back.predict(X), model.predict(X))
    with pytest.raises(FileError, match="Scale"):
        load_model(path, custom_objects={"Scale": dict})


@pytest.mark.parametrize(
    "layers",
    [[Lambda(lambda x: x + 1)], [Dense(2, activation=lambda z: z**2)]],
    ids=["Lambda", "activation"],
)
def test_functions_are_refused(layers, path):
    """A file holds no code; the weights can be kept all the same."""
    model = Sequential([InputLayer((4,)), *layers, Dense(1)])
    with pytest.raises(InvalidParameter, match="save_weights"):
        model.save(path)
    assert not path.exists()
    model.save_weights(path)
    model.load_weights(path)


def test_weights_alone(model, path):
    model.save_weights(path)
    weights = model.get_weights()
    model.fit(X, Y, verbose=0)
    model.load_weights(path)
    same(model.get_weights(), weights)
    other = Sequential([Dense(3, input_shape=(4,))])
    with pytest.raises(DataError, match="weight arrays"):
        other.load_weights(path)
    with pytest.raises(FileError, match='holds a "weights", not a model'):
        load_model(path)
    model.save(path)
    with pytest.raises(FileError, match='holds a "model", not weights'):
        model.load_weights(path)


# -- files that are refused -----------------------------------------------------------------------------------------


def test_foreign_files(path, tmp_path):
    with pytest.raises(FileError, match="no file"):
        load_model(tmp_path / "missing.lamina")
    for content in (b"", b"PK\x03\x04 a zip", b"\x89HDF\r\n\x1a\n" + bytes(100), b"\x80\x04K\x01."):
        path.write_bytes(content)
        with pytest.raises(FileError):
            load_model(path)
    MLPRegressor(hidden_layer_sizes=(2,), solver="lbfgs", max_iter=5, alpha=1.0, tol=1.0).fit(X, X[:, 0]).save(path)
    with pytest.raises(FileError, match="not a model"):
        load_model(path)


def test_truncated_files(model, path):
    model.save(path)
    content = path.read_bytes()
    for length in (5, 50, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(FileError):
            load_model(path)


def broken(tree, change):
    first = tree["layers"][0]
    if change == "unknown class":
        first["class"] = "Denze"
    elif change == "class of another kind":
        first["class"], first["room"] = "get", "initializers"
    elif change == "not a layer":
        first["class"], first["room"], first["config"] = "Adam", "optimizers", {}
    elif change == "unknown room":
        first["class"], first["room"] = "system", "os"
    elif change == "unknown parameter":
        first["config"]["gain"] = 3
    elif change == "parameter out of range":
        tree["layers"][1]["config"]["rate"] = 2.0
    elif change == "no weights":
        del tree["weights"]
    elif change == "too few weights":
        tree["weights"] = tree["weights"][:-1]
    elif change == "no layers":
        tree["layers"] = 3
    elif change == "another optimizer state":
        tree["compiled"]["state"] = [np.zeros(3)]
    elif change == "wrong place":
        tree["shared"][0] = 77


@pytest.mark.parametrize(
    "change",
    [
        "unknown class",
        "class of another kind",
        "not a layer",
        "unknown room",
        "unknown parameter",
        "parameter out of range",
        "no weights",
        "too few weights",
        "no layers",
        "another optimizer state",
        "wrong place",
    ],
)
def test_files_that_describe_no_model(model, path, change):
    model.fit(X, Y, verbose=0)
    model.save(path)
    _, tree = read_file(path)
    broken(tree, change)
    write_file(path, "model", tree)
    with pytest.raises(FileError):
        load_model(path)
