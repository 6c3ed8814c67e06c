"""Transformations of Optax."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from lamina.layers import Dense
from lamina.models import Sequential
from lamina.optimizers import Optax

PARAMS = {"w": np.array([1.0, -2.0], np.float32)}
TRANSFORMATIONS = {
    "adam": optax.adam(0.1),
    "adagrad, which does not start at zeros": optax.adagrad(0.1),
    "chain that needs the weights": optax.chain(optax.clip(0.5), optax.lamb(0.1)),
}


@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_takes_the_steps_of_the_transformation(name):
    theirs = TRANSFORMATIONS[name]
    ours = Optax(theirs)
    transform = ours.recipe().transform({"learning_rate": np.float32(0.5)})
    states = [ours.start(PARAMS), theirs.init(PARAMS)]
    for grad in ({"w": np.array([1.0, 3.0], np.float32)}, {"w": np.array([0.1, -1.0], np.float32)}):
        update, states[0] = transform.update(grad, states[0], PARAMS)
        expected, states[1] = theirs.update(grad, states[1], PARAMS)
        np.testing.assert_allclose(update["w"], 0.5 * np.asarray(expected["w"]), rtol=1e-6)


SEARCH = optax.scale_by_backtracking_linesearch(15)


@pytest.mark.parametrize("theirs", [optax.lbfgs(linesearch=SEARCH), optax.chain(optax.sgd(1.0), SEARCH)])
def test_line_searches_on_mini_batches(theirs):
    """Row 60: they get the loss of the batch as a function of the weights. Against Optax alone, in 64 bits."""
    x = np.random.RandomState(0).randn(60, 3)
    y = np.tanh(x @ [[1.0], [-2.0], [0.5]])
    model = Sequential([Dense(1, input_shape=(3,))], dtype="float64")
    model.compile(theirs, "mse")
    with jax.enable_x64(True):
        params = dict(zip(("kernel", "bias"), map(jnp.asarray, model.get_weights())))
        state = theirs.init(params)

        def loss(params, x, y):
            return jnp.mean((x @ params["kernel"] + params["bias"] - y) ** 2)

        @jax.jit
        def step(params, state, x, y):
            value, grad = jax.value_and_grad(loss)(params, x, y)
            search = {"value": value, "grad": grad, "value_fn": lambda p: loss(p, x, y)}
            updates, state = theirs.update(grad, state, params, **search)
            return optax.apply_updates(params, updates), state

        for k in range(4):
            params, state = step(params, state, *(a[k % 2 * 30 : k % 2 * 30 + 30] for a in (x, y)))
    losses = model.fit(x, y, batch_size=30, epochs=2, shuffle=False, verbose=0).history["loss"]
    assert losses[1] < losses[0]
    for ours, expected in zip(model.get_weights(), (params["kernel"], params["bias"])):
        np.testing.assert_allclose(ours, expected, rtol=1e-8)


def test_is_known_by_its_object():
    one, other = optax.adam(0.1), optax.adam(0.1)
    assert Optax(one).recipe() == Optax(one, learning_rate=0.3).recipe()
    assert hash(Optax(one).recipe()) == hash(Optax(one).recipe())
    assert Optax(one) != Optax(other)


def test_all_else_of_an_optimizer_works_too():
    optimizer = Optax(optax.sgd(1.0), clipvalue=0.5, weight_decay=0.1)
    hyper = jax.tree.map(np.float32, optimizer.hyper())
    update, _ = optimizer.transform(hyper).update(np.float32(3), optimizer.start(np.float32(2)), np.float32(2))
    np.testing.assert_allclose(update, -0.5 - 0.2, rtol=1e-6)


def test_anything_else_is_refused():
    with pytest.raises(ValueError, match=r"expects transformation to be an optax.GradientTransformation. Received"):
        Optax("adam")
