"""Transformations of Optax."""

import jax
import numpy as np
import optax
import pytest

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
