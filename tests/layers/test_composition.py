"""Blocks of layers: nested weights, values, noise and statistics."""

import jax.numpy as jnp
import numpy as np
import pytest

from lamina.errors import DataError, InvalidParameter
from lamina.layers import BatchNormalization, Call, Dense, Dropout, Lambda, Residual
from lamina.noise import fold

X = np.random.RandomState(0).randn(6, 4).astype(np.float32)


def test_a_block_is_its_layers_plus_its_input():
    layers = [Dense(3, "tanh"), BatchNormalization(), Dropout(0.5), Dense(4)]
    block = Residual(layers)
    params, state, _ = block.init(np.random.RandomState(0), (4,))
    seed = jnp.array([3, 4], jnp.uint32)
    y, new_state = block.run(params, state, X, Call(True, seed, hyper={"layers/2/rate": 0.25}))
    expected = X
    for k, layer in enumerate(layers):
        own = Call(True, fold(seed, k), hyper={"rate": 0.25} if k == 2 else {})
        expected, after = layer.run(params[str(k)], state[str(k)], expected, own)
        for key in after:
            np.testing.assert_array_equal(new_state[str(k)][key], after[key])
    np.testing.assert_array_equal(y, X + expected)


def test_weights_of_a_block_come_layer_by_layer():
    block = Residual([Dense(3), BatchNormalization(), Dense(4, use_bias=False)])
    block.build((4,))
    assert [array.shape for array in block.get_weights()] == [(4, 3), (3,), (3,), (3,), (3, 4), (3,), (3,)]


def test_penalties_constraints_and_kernels_reach_the_layers():
    block = Residual([Dense(3, kernel_regularizer="l2"), Dense(4, kernel_constraint="non_neg", bias_regularizer="l1")])
    params, _, _ = block.init(np.random.RandomState(0), (4,))
    params["1"]["bias"] -= 2.0
    first, second = params["0"], params["1"]
    moved = block.at({"layers/0/kernel_regularizer/l2": 3.0, "layers/1/bias_regularizer/l1": 2.0})
    expected = 3 * np.sum(first["kernel"] ** 2) + 2 * np.abs(second["bias"]).sum()
    np.testing.assert_allclose(moved.penalty(params), expected, rtol=1e-6)
    assert (block.constrained(params)["1"]["kernel"] >= 0).all()
    assert [kernel.shape for kernel in block.kernels(params)] == [(4, 3), (3, 4)]


def test_a_changed_shape_asks_for_a_projection():
    with pytest.raises(DataError, match=r"shape \(3,\).*such as Dense\(4\)"):
        Residual([Dense(3)])(X)


def test_a_block_is_frozen_as_a_whole():
    with pytest.raises(InvalidParameter, match="frozen as a whole"):
        Residual([Dense(4, trainable=False)]).recipe()


def test_a_frozen_block_keeps_its_statistics():
    block = Residual([BatchNormalization()])
    params, state, _ = block.init(np.random.RandomState(0), (4,))
    _, after = block.run(params, state, X, Call(True, frozen=True))
    np.testing.assert_array_equal(after["0"]["moving_mean"], state["0"]["moving_mean"])


def test_only_layers_make_a_block():
    with pytest.raises(InvalidParameter, match="a list of layers"):
        Residual([np.tanh])
    with pytest.raises(InvalidParameter, match="function"):
        Lambda(3)
