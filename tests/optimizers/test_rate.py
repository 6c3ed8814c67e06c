"""The learning rate as a float that can be assigned to."""

import copy
import json
import pickle

import jax.numpy as jnp
import numpy as np
import pytest

from lamina.errors import InvalidParameter
from lamina.optimizers import SGD, Adam
from lamina.optimizers.rate import LearningRate


def test_it_is_a_float_with_two_more_methods():
    optimizer = SGD(0.5)
    rate = optimizer.learning_rate
    assert isinstance(rate, LearningRate)
    assert (rate, float(rate), repr(rate), json.dumps(rate)) == (0.5, 0.5, "0.5", "0.5")
    assert rate.numpy().dtype == np.float32
    rate.assign(np.float32(0.25))
    assert optimizer.lr == optimizer.learning_rate == 0.25
    optimizer.lr = 1
    assert repr(optimizer) == "SGD(learning_rate=1.0)"


@pytest.mark.parametrize("value", [0.25, np.float32(0.25), np.array(0.25), jnp.float32(0.25), Adam(0.25).learning_rate])
def test_what_can_be_set(value):
    optimizer = SGD()
    optimizer.learning_rate = value
    assert optimizer == SGD(0.25)
    assert optimizer.get_config()["learning_rate"] == 0.25
    assert type(optimizer.get_config()["learning_rate"]) is float  # which a model file can hold


def test_what_cannot_be_set():
    optimizer = SGD(0.1)
    for value in (-1, "fast", np.array([0.1]), None):
        with pytest.raises(InvalidParameter, match="SGD expects learning_rate to be a number at least 0"):
            optimizer.learning_rate = value
    assert optimizer == SGD(0.1)


def test_copies_have_a_rate_of_their_own():
    optimizer = SGD(0.1)
    for other in (copy.copy(optimizer), copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        other.learning_rate.assign(0.3)
        assert (optimizer.learning_rate, other.learning_rate) == (0.1, 0.3)
