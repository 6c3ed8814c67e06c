"""The module of older Keras programs."""

import numpy as np
import pytest

from lamina import backend
from lamina.layers import Dense
from lamina.models import Sequential
from lamina.optimizers import SGD, schedules


def test_values():
    model = Sequential([Dense(1, input_shape=(2,))])
    np.testing.assert_array_equal(backend.get_value(model.weights[0]), model.get_weights()[0])
    assert backend.get_value(0.5) == 0.5
    optimizer = SGD(0.1)
    backend.set_value(optimizer.lr, backend.get_value(optimizer.lr) * 2)
    np.testing.assert_allclose(optimizer.learning_rate, 0.2, rtol=1e-7)  # float32


def test_what_has_no_value_to_set():
    with pytest.raises(TypeError, match=r"expects a learning rate that is a number.*Received ExponentialDecay"):
        backend.set_value(SGD(schedules.ExponentialDecay(0.1, 10, 0.5)).lr, 0.1)


def test_settings():
    assert (backend.floatx(), backend.epsilon(), backend.clear_session()) == ("float32", 1e-7, None)
    with pytest.raises(AttributeError, match=r"use jax\.numpy\.square"):
        backend.square  # noqa: B018
    with pytest.raises(AttributeError, match=r"no attribute 'placeholder'\.$"):
        backend.placeholder  # noqa: B018
