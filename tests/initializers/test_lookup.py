"""Initializers by name, as functions, and suited to an activation."""

import numpy as np
import pytest

from lamina import initializers
from lamina.errors import DataError, UnknownName
from lamina.initializers import INITIALIZERS, Initializer
from lamina.layers import ELU, LeakyReLU


@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_every_name_draws_a_matrix_and_is_known_by_its_configuration(name):
    made = initializers.get(name)
    assert made.draw(np.random.RandomState(0), (4, 3), (4, 3)).shape == (4, 3)
    assert type(made).from_config(made.get_config()) == made
    assert initializers.get(type(made)) == made
    assert initializers.get(made) is made


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        *((name, "he_normal") for name in ("relu", "leaky_relu", "elu", "prelu", "swish", "gelu", "mish")),
        *((name, "glorot_uniform") for name in (None, "identity", "tanh", "logistic", "softmax", np.sin)),
        ("selu", "lecun_normal"),
        (ELU(), "he_normal"),
        (LeakyReLU(0.1), "he_normal"),
    ],
)
def test_automatic(activation, expected):
    """Row 27."""
    assert initializers.get_initializer("auto", activation) == initializers.get(expected)


def test_functions_and_subclasses_as_in_keras():
    def counting(shape, dtype=None):
        return np.arange(np.prod(shape), dtype=dtype).reshape(shape)

    class Sevens(Initializer):
        def __call__(self, shape, dtype=None):
            return np.full(shape, 7.0, dtype)

    assert initializers.get(counting).draw(None, (2, 2), (2, 2)).tolist() == [[0, 1], [2, 3]]
    assert initializers.get(Sevens).draw(None, (1, 2), (1, 2)).tolist() == [[7, 7]]


def test_what_is_wrong_is_said():
    with pytest.raises(UnknownName, match='Did you mean "he_normal"'):
        initializers.get("he_nrmal")
    with pytest.raises(UnknownName, match="Unknown initializer 3"):
        initializers.get(3)
    with pytest.raises(DataError, match="returned"):
        initializers.get(lambda shape, dtype=None: np.zeros(3)).draw(None, (2, 2), (2, 2))
    with pytest.raises(NotImplementedError, match="neither draw"):
        Initializer()((2,))
