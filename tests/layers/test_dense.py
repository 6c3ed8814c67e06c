"""Dense: its initializers, activations, and errors."""

import numpy as np
import pytest

from lamina.errors import InvalidParameter, UnknownName
from lamina.initializers import HeNormal, Identity
from lamina.layers import Dense, Dropout, LeakyReLU, PReLU


def _kernel(**settings):
    return Dense(5, **settings).init(np.random.RandomState(0), (3,))[0]["kernel"]


@pytest.mark.parametrize(("activation", "name"), [("relu", "he_normal"), ("selu", "lecun_normal"), (None, None)])
def test_automatic_initializer_suits_the_activation(activation, name):
    """Row 27."""
    np.testing.assert_array_equal(
        _kernel(activation=activation, kernel_initializer="auto"),
        _kernel(kernel_initializer=name or "glorot_uniform"),
    )


def test_initializers_by_name_class_object_and_function():
    np.testing.assert_array_equal(_kernel(kernel_initializer="he_normal"), _kernel(kernel_initializer=HeNormal))
    np.testing.assert_array_equal(_kernel(kernel_initializer="HeNormal"), _kernel(kernel_initializer=HeNormal()))
    assert (_kernel(kernel_initializer=lambda shape, dtype=None: np.full(shape, 7.0)) == 7).all()


def test_initializers_are_no_part_of_what_is_compiled():
    assert Dense(2, kernel_initializer=Identity()).recipe() == Dense(2, kernel_initializer="ones").recipe()


def test_a_layer_without_weights_serves_as_activation():
    layer = Dense(2, LeakyReLU(0.5), kernel_initializer="identity")
    assert layer(np.array([[-1.0, 2.0]], np.float32)).tolist() == [[-0.5, 2.0]]


@pytest.mark.parametrize("activation", [PReLU(), Dropout(0.5)])
def test_a_layer_with_weights_or_noise_does_not(activation):
    with pytest.raises(InvalidParameter, match="add it as the next layer"):
        Dense(2, activation)


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ({"activation": "rleu"}, 'Did you mean "relu"'),
        ({"kernel_initializer": "he_norml"}, 'Did you mean "he_normal"'),
        ({"kernel_regularizer": "l3"}, "Known: L1, "),
        ({"bias_constraint": "non_ngative"}, 'Did you mean "non_neg"'),
    ],
)
def test_misspelt_names_get_a_hint_at_once(settings, hint):
    with pytest.raises(UnknownName, match=hint):
        Dense(2, **settings)


@pytest.mark.parametrize("units", [0, -3, 2.5, "10", True])
def test_units_are_a_whole_number(units):
    with pytest.raises(InvalidParameter, match="Dense expects units"):
        Dense(units)
