"""Activations as layers are the functions."""

import numpy as np
import pytest

from lamina import activations, layers
from lamina.errors import UnknownName

X = np.random.RandomState(0).randn(5, 4).astype(np.float32)


@pytest.mark.parametrize("name", ["SELU", "GELU", "SiLU", "Swish", "Mish", "Softplus", "Softmax", "ReLU", "ELU"])
def test_layer_is_the_function(name):
    """Rows 14, 20."""
    np.testing.assert_array_equal(getattr(layers, name)()(X), activations.get(name.lower())(X))


def test_an_unknown_name_is_refused_at_once():
    with pytest.raises(UnknownName, match='Did you mean "softmax"'):
        layers.Activation("sofmax")
