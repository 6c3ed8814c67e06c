"""First weights by the data and by the number of blocks."""

import numpy as np
import pytest

import lamina as keras
from lamina import MLPClassifier
from lamina.errors import DataError, InvalidParameter
from lamina.layers import Activation, BatchNormalization, Dense, Dropout, MCDropout, Residual
from lamina.models import Sequential, fixup_init, lsuv_init

RNG = np.random.RandomState(0)
X = RNG.gamma(1.0, 50.0, size=(300, 20)).astype(np.float32)  # far from standardised
Y = (X[:, 0] > X[:, 1]).astype(int)


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


# -- by the data ----------------------------------------------------------------------------------------------------


def test_every_layers_sums_have_unit_deviation():
    """Row 29: in NumPy, ten layers deep, whatever the scale of the inputs. 1e-4: float32 sums."""
    model = Sequential([*(Dense(30, "relu") for _ in range(10)), Dropout(0.5), Dense(3)])
    model.build((None, 20))
    lsuv_init(model, X)
    h = X.astype(float)
    for layer in model.layers:
        if isinstance(layer, Dense):
            kernel, bias = layer.get_weights()
            z = h @ kernel + bias
            np.testing.assert_allclose(z.std(), 1, rtol=1e-4)
            gram = kernel.T @ kernel if kernel.shape[0] >= kernel.shape[1] else kernel @ kernel.T
            np.testing.assert_allclose(gram, gram[0, 0] * np.eye(len(gram)), atol=1e-4 * gram[0, 0])
            h = np.maximum(z, 0)


def test_blocks_and_layers_of_noise():
    """Row 29: the same rule within blocks, on the inputs that they get."""
    model = Sequential([Dense(6), MCDropout(0.0), Residual([Dense(9, "tanh"), Dense(6)]), BatchNormalization()])
    lsuv_init(model, X)
    outer, _ = model.layers[0].get_weights()
    first, _, second, _ = model.layers[2].get_weights()
    x = X @ outer
    for sums in (x, x @ first, np.tanh(x @ first) @ second):
        np.testing.assert_allclose(sums.std(), 1, rtol=1e-4)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_weights_may_start_an_estimator():
    """Rows 29, 30: one of the same widths begins where the model was put; its steps are too small to see."""
    model = Sequential([Dense(10, "relu", input_shape=(20,)), Dense(1)])
    lsuv_init(model, X)
    kernels, biases = model.get_weights()[::2], model.get_weights()[1::2]
    clf = MLPClassifier((10,), learning_rate_init=1e-12, max_iter=1, random_state=0)
    clf.fit(X, Y, coefs_init=kernels, intercepts_init=biases)
    np.testing.assert_allclose(clf.coefs_[0], kernels[0], atol=1e-9)


def test_what_no_factor_helps_is_said_and_nothing_is_changed():
    model = Sequential([Dense(4, input_shape=(20,)), Activation(lambda z: 0 * z), Dense(3)])
    before = model.get_weights()
    with pytest.raises(DataError, match=r"dense_1 receives the same numbers.*always 0"):
        lsuv_init(model, X)
    for ours, weights in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, weights)


# -- by the number of blocks ----------------------------------------------------------------------------------------


def residual_net(depth: int) -> Sequential:
    """As many blocks of two layers, drawn by He's rule."""
    he = {"kernel_initializer": "he_normal"}
    blocks = [Residual([Dense(20, "relu", **he), Dense(20, **he)]) for _ in range(depth)]
    model = Sequential([*blocks, Dense(1)])
    model.build((None, 20))
    return model


def moved_by_a_step(model: Sequential, rate: float) -> float:
    """How far the second step of SGD moves the outputs: the first one moves the top layer alone."""
    x, y = X[:100] / 50, Y[:100].astype(np.float32)
    model.compile(keras.optimizers.SGD(rate), "mse")
    model.train_on_batch(x, y)
    before = model.predict(x)
    model.train_on_batch(x, y)
    return float(np.abs(model.predict(x) - before).mean())


def test_blocks_start_as_the_identity():
    """Row 28: scaled by L^(-1/2) in blocks of two layers, 0 at their ends; the outputs are 0."""
    model = residual_net(64)
    fixup_init(model)
    first, shift, last, end = model.layers[0].get_weights()
    np.testing.assert_allclose(first.std(), np.sqrt(2 / 20) / 8, rtol=0.1)  # 400 draws
    assert not shift.any()
    assert not last.any()
    assert not end.any()
    np.testing.assert_array_equal(Sequential(model.layers[:-1]).predict(X), X)
    np.testing.assert_array_equal(model.predict(X), np.zeros((300, 1)))


def test_depth_does_not_change_how_fast_the_outputs_move():
    """Row 28: He's rule alone explodes with the depth, this one moves 12 blocks about as far as 3."""
    shallow, deep = residual_net(3), residual_net(12)
    assert np.abs(deep.predict(X)).max() > 10 * np.abs(shallow.predict(X)).max()
    moved = []
    for model in (shallow, deep):
        fixup_init(model)
        moved.append(moved_by_a_step(model, 0.01))
    assert 0.5 < moved[1] / moved[0] < 2


def test_more_and_fewer_layers_in_a_block():
    """Row 28: L^(-1/4) for three layers; a block of one layer is its last one."""
    three = Residual([Dense(200, "relu"), Activation("relu"), Dense(200), Dense(20, use_bias=False)])
    model = Sequential([Residual([Dense(20)]), three, *(Residual([Dense(20)]) for _ in range(14))])
    model.build((None, 20))
    fixup_init(model)
    assert not model.layers[0].get_weights()[0].any()
    first, _, second, _, last = three.get_weights()
    np.testing.assert_allclose([first.std(), second.std()], [np.sqrt(2 / 20) / 2, np.sqrt(2 / 200) / 2], rtol=0.05)
    assert not last.any()


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ([Dense(20)], "a model with blocks"),
        ([Residual([Dense(20), BatchNormalization()])], "residual has a BatchNormalization"),
        ([Residual([Residual([Dense(20)])])], "residual has a Residual"),
    ],
)
def test_nets_that_it_is_not_for(layers, says):
    model = Sequential(layers)
    model.build((None, 20))
    with pytest.raises(InvalidParameter, match=says):
        fixup_init(model)
