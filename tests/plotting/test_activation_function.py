"""The display of activation functions."""

import jax.numpy as jnp
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from lamina.errors import InvalidParameter, UnknownName
from lamina.layers import LeakyReLU, PReLU
from lamina.plotting import ActivationFunctionDisplay

Z = np.linspace(-5, 5, 401)


def own(z):
    """2 z³."""
    return 2 * z**3


def test_functions_and_derivatives_against_their_formulas():
    """Row 21: names, functions and layers."""
    names = ("relu", "tanh", "logistic", "elu", own, LeakyReLU(0.1), PReLU(alpha_initializer="zeros"))
    display = ActivationFunctionDisplay.from_activations(*names)
    sigmoid = 1 / (1 + np.exp(-Z))
    values = [np.maximum(Z, 0), np.tanh(Z), sigmoid, np.where(Z > 0, Z, np.exp(Z) - 1), 2 * Z**3]
    values += [np.where(Z > 0, Z, 0.1 * Z), np.maximum(Z, 0)]
    slopes = [Z > 0, 1 - np.tanh(Z) ** 2, sigmoid * (1 - sigmoid), np.where(Z > 0, 1, np.exp(Z)), 6 * Z**2]
    slopes += [np.where(Z > 0, 1, 0.1), Z > 0]
    smooth = Z != 0  # a kink has no derivative
    # single precision; the largest number is 250
    np.testing.assert_allclose(display.values, values, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(display.derivatives[:, smooth], np.array(slopes, float)[:, smooth], rtol=1e-5, atol=1e-6)
    assert display.names[:5] == ["relu", "tanh", "logistic", "elu", "own"]
    assert display.names[5] == "LeakyReLU(negative_slope=0.1)"


def test_the_picture_shows_the_numbers():
    display = ActivationFunctionDisplay.from_activations("relu", jnp.sin)
    assert display.plot(Figure().subplots(1, 2)) is display
    for axes, curves, label in zip(
        display.axes_, (display.values, display.derivatives), ("f(z)", "f'(z)"), strict=True
    ):
        np.testing.assert_array_equal([line.get_ydata() for line in axes.lines], curves)
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("z", label)
    assert [text.get_text() for text in display.axes_[1].get_legend().get_texts()] == ["relu", "sin"]
    assert pyplot.get_fignums() == []


def test_one_panel_has_the_names():
    display = ActivationFunctionDisplay.from_activations("relu").plot(Figure().subplots())
    assert display.axes_[0].get_legend() is not None


@pytest.mark.parametrize(
    ("given", "error", "sentence"),
    [
        (("rleu",), UnknownName, 'Did you mean "relu"'),
        ((), InvalidParameter, "at least one activation"),
        (("softmax",), InvalidParameter, "softmax takes whole rows"),
        ((np.tanh,), InvalidParameter, "cannot be traced by JAX"),
    ],
)
def test_mistakes(given, error, sentence):
    with pytest.raises(error, match=sentence):
        ActivationFunctionDisplay.from_activations(*given)
