"""Stacks of layers: sharing, names, building, weights by hand, and what a summary says."""

import numpy as np
import pytest

import lamina as keras
from lamina.errors import DataError, InvalidParameter, UnknownName
from lamina.layers import BatchNormalization, Dense, Dropout, Flatten, InputLayer
from lamina.models import Sequential, clone_model

X = np.random.RandomState(0).randn(40, 4).astype(np.float32)
Y = X @ np.ones((4, 2))


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


@pytest.fixture
def model():
    return Sequential([Dense(4, "tanh", input_shape=(4,)), BatchNormalization(), Dense(2)])


# -- sharing --------------------------------------------------------------------------------------------------------


def test_two_models_share_a_layer(model):
    """Row 94: training one changes the other, whose weights are the same object's."""
    other = Sequential([*model.layers[:-1], Dense(2)])
    other.compile("sgd", "mse")
    before = model.predict(X)
    other.fit(X, Y, verbose=0)
    assert not np.allclose(model.predict(X), before)
    np.testing.assert_array_equal(model.get_weights()[0], other.get_weights()[0])
    assert not np.array_equal(model.get_weights()[-2], other.get_weights()[-2])


def test_one_layer_in_two_places():
    """Its weights count once, and its gradient is the sum over both places: one SGD step by hand."""
    layer = Dense(4, "tanh", use_bias=False)
    model = Sequential([InputLayer((4,)), layer, layer])
    assert model.count_params() == 16
    assert len(model.get_weights()) == len(model.weights) == 1
    assert [name for name, _ in model.named_layers] == ["dense", "dense"]
    w, target = layer.get_weights()[0].astype(float), X[:, ::-1].astype(float)
    np.testing.assert_allclose(model.predict(X), np.tanh(np.tanh(X @ w) @ w), rtol=1e-4, atol=1e-6)  # float32

    hidden = np.tanh(X @ w)
    outputs = np.tanh(hidden @ w)
    outer = 2 * (outputs - target) / target.size * (1 - outputs**2)
    inner = outer @ w.T * (1 - hidden**2)
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.train_on_batch(X, target)
    expected = w - 0.5 * (hidden.T @ outer + X.T @ inner)
    np.testing.assert_allclose(layer.get_weights()[0], expected, rtol=1e-4, atol=1e-6)  # float32
    assert "dense (Dense)" in summary(model)


def test_a_copy_shares_nothing(model):
    """Row 96: names and settings are copied, weights drawn anew."""
    model.layers[0].trainable = False
    copy = clone_model(model)
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
    assert [layer.trainable for layer in copy.layers] == [False, True, True]
    assert not np.array_equal(copy.get_weights()[0], model.get_weights()[0])
    copy.set_weights(model.get_weights())
    copy.compile("sgd", "mse")
    before = model.get_weights()
    copy.fit(X, Y, verbose=0)
    for ours, weights in zip(model.get_weights(), before):
        np.testing.assert_array_equal(ours, weights)


def test_a_copy_keeps_a_layer_in_two_places():
    layer = Dense(4)
    copy = clone_model(Sequential([InputLayer((4,)), layer, layer]))
    assert copy.layers[0] is copy.layers[1]
    assert copy.count_params() == 20


# -- structure ------------------------------------------------------------------------------------------------------


def test_names(model):
    """After the class, numbered where taken; given ones stay, and may even be equal."""
    assert [layer.name for layer in model.layers] == ["dense", "batch_normalization", "dense_1"]
    model.add(Dense(2, name="last"))
    assert model.get_layer("last") is model.get_layer(index=3) is model.layers[-1]
    with pytest.raises(UnknownName, match=r'Unknown layer "first"\. Known: .*dense, dense_1, last'):
        model.get_layer("first")
    twins = Sequential([Dense(3, name="a", input_shape=(4,)), Dense(2, name="a")])
    assert [name for name, _ in twins.named_layers] == ["a", "a_1"]
    assert twins.predict(X).shape == (40, 2)


def test_adding_and_taking_off(model):
    before = model.get_weights()
    top = model.pop()
    assert len(model.layers) == 2
    assert model.predict(X).shape == (40, 4)
    model.add(top)
    for ours, weights in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, weights)
    empty = Sequential()
    with pytest.raises(InvalidParameter, match="no layers in the model"):
        empty.pop()
    with pytest.raises(InvalidParameter, match=r"made of layers.*Received 7"):
        empty.add(7)


@pytest.mark.parametrize("told", ["shape", "build", "data", "input_dim", "input layer"])
def test_ways_to_tell_the_shape(told):
    """Row 11: a row may have several axes."""
    first = {"shape": [Dense(3, input_shape=(4,))], "input_dim": [Dense(3, input_dim=4)]}
    model = Sequential(first.get(told, [*([InputLayer((4,))] if told == "input layer" else []), Dense(3)]))
    assert model.built == (told in ("shape", "input_dim", "input layer"))
    if told == "build":
        model.build((None, 4))
    if told == "data":
        model.predict(X)
    assert model.built
    assert model.input_shape == (4,)
    assert model.output_shape == (None, 3)
    assert [weight.shape for weight in model.weights] == [(4, 3), (3,)]
    assert [layer.name for layer in model.layers] == ["dense"]


def test_errors_of_building():
    with pytest.raises(InvalidParameter, match="has no layers"):
        Sequential().build((None, 4))
    unbuilt = Sequential([Dense(3)])
    with pytest.raises(DataError, match="no weights yet"):
        unbuilt.open()
    shared = Dense(3)
    Sequential([InputLayer((4,)), shared])
    with pytest.raises(DataError, match=r"weights for inputs of shape \(4,\).*shape \(5,\)"):
        Sequential([InputLayer((5,)), shared])
    with pytest.raises(DataError, match=r"declared to have the shape|takes rows of shape"):
        Sequential([InputLayer((4,)), Dense(2)]).predict(X[:, :3])


# -- summary --------------------------------------------------------------------------------------------------------


def summary(model) -> str:
    lines = []
    model.summary(print_fn=lines.append)
    return "\n".join(lines)


def test_summary(model):
    """Row 6: 4*4 + 4, 4*4, 4*2 + 2 numbers, of which the two moving statistics are not trained."""
    text = summary(model)
    assert max(len(line) for line in text.splitlines()) <= 80
    rows = {line.split()[0]: line.split() for line in text.splitlines() if "(None," in line}
    assert [row[-1] for row in rows.values()] == ["20", "16", "10"]
    assert list(rows) == ["dense", "batch_normalization", "dense_1"]
    assert rows["dense"][-2] == "tanh"
    for line in (
        'Model: "sequential"',
        "Total parameters: 46",
        "Trainable parameters: 38",
        "Non-trainable parameters: 8",
    ):
        assert line in text
    model.layers[0].trainable = False
    assert "Trainable parameters: 18" in summary(model)


def test_summary_before_the_shape_is_known(capsys):
    Sequential([Flatten(), Dense(3), Dropout(0.1)]).summary()
    shown = capsys.readouterr().out
    assert shown.count("not built") == 3
    assert "Total parameters: 0" in shown


# -- weights --------------------------------------------------------------------------------------------------------


def test_weights_in_and_out(model):
    """Keras' order: kernel, bias, gamma, beta, moving mean, moving variance."""
    names = [weight.name for weight in model.weights]
    assert names == [
        "dense/kernel",
        "dense/bias",
        "batch_normalization/gamma",
        "batch_normalization/beta",
        "batch_normalization/moving_mean",
        "batch_normalization/moving_variance",
        "dense_1/kernel",
        "dense_1/bias",
    ]
    weights = [np.full(w.shape, number + 1.0) for number, w in enumerate(model.weights)]
    model.set_weights(weights)
    for ours, given in zip(model.get_weights(), weights):
        assert ours.dtype == np.float32
        np.testing.assert_array_equal(ours, given)
    # by hand: gamma (h - mean) / sqrt(variance + 0.001) + beta; 1e-5: float32
    hidden = 3 * (np.tanh(X @ weights[0] + 2) - 5) / np.sqrt(6 + 1e-3) + 4
    np.testing.assert_allclose(model.predict(X), hidden @ weights[6] + 8, rtol=1e-5)


def test_weights_that_do_not_fit(model):
    before = model.get_weights()
    with pytest.raises(DataError, match="8 weight arrays, but received 2"):
        model.set_weights(before[:2])
    with pytest.raises(DataError, match=r"dense_1 has weights of shapes.*but received"):
        model.set_weights([*[w + 1 for w in before[:-1]], np.zeros(3)])
    for ours, weights in zip(model.get_weights(), before):
        np.testing.assert_array_equal(ours, weights)


def test_trainable(model):
    """Row 97: layer by layer, or all at once."""
    assert model.trainable
    assert [w.name for w in model.non_trainable_weights] == [
        "batch_normalization/moving_mean",
        "batch_normalization/moving_variance",
    ]
    model.trainable = False
    assert not model.trainable
    assert not model.trainable_weights
    assert len(model.non_trainable_weights) == 8
    model.layers[2].trainable = True
    assert model.trainable
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    changed = [not np.array_equal(a, b) for a, b in zip(model.get_weights(), before)]
    assert changed == [False] * 6 + [True] * 2


def test_64_bit_weights():
    """Row 137."""
    model = Sequential([Dense(3, "tanh", input_shape=(4,)), Dense(2)], dtype="float64")
    assert {w.dtype for w in model.get_weights()} == {np.dtype("float64")}
    kernel, bias, out, shift = model.get_weights()
    np.testing.assert_allclose(model.predict(X), np.tanh(X.astype(float) @ kernel + bias) @ out + shift, rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Sequential([Dense(1)], dtype="float31"), 'Did you mean "float32"'),
        (lambda: Sequential(Dense(1)), r"takes a list of layers\. Received the layer Dense\(units=1\)"),
        (lambda: Sequential([Sequential([Dense(1)], name="inner")]), r'layers of "inner" there.*\[\*first\.layers'),
    ],
)
def test_what_is_no_list_of_layers(make, says):
    with pytest.raises((InvalidParameter, UnknownName), match=says):
        make()
