"""A loss before the activation is the loss after it, with the derivative that mathematics promises."""

import jax
import numpy as np
import pytest

from lamina import losses
from lamina.activations import get_activation
from lamina.losses import with_link

RNG = np.random.RandomState(0)
Z = 2 * RNG.randn(30, 4).astype(np.float32)
LABELS = RNG.randint(0, 4, 30)
ONE_HOT = np.eye(4, dtype=np.float32)[LABELS]
BITS = (RNG.rand(30, 4) > 0.5).astype(np.float32)

PAIRS = [
    (losses.SparseCategoricalCrossentropy(), "softmax", LABELS),
    (losses.SparseCategoricalCrossentropy(), "softmax", LABELS[:, None].astype(np.float32)),
    (losses.CategoricalCrossentropy(), "softmax", ONE_HOT),
    (losses.CategoricalCrossentropy(label_smoothing=0.2), "softmax", ONE_HOT),
    (losses.BinaryCrossentropy(), "sigmoid", BITS),
    (losses.BinaryCrossentropy(label_smoothing=0.2), "logistic", BITS),
    (losses.BinaryFocalCrossentropy(gamma=1.0), "sigmoid", BITS),
]


@pytest.mark.parametrize(("loss", "activation", "y"), PAIRS)
def test_the_same_value(loss, activation, y):
    """float32: probabilities are rounded to 6e-8, their logarithms to as much of a probability of 1e-3."""
    linked = with_link(loss, activation)
    assert get_activation(linked.link) is get_activation(activation)
    np.testing.assert_allclose(linked.per_row(y, Z), loss.per_row(y, get_activation(activation)(Z)), rtol=1e-5)
    assert linked == with_link(loss, activation)
    assert with_link(linked, activation) is linked


@pytest.mark.parametrize(("loss", "activation", "y"), PAIRS[:6])
def test_the_derivative_is_prediction_minus_target(loss, activation, y):
    linked = with_link(loss, activation)
    slopes = jax.grad(lambda z: linked.per_row(y, z).sum())(Z)
    if activation == "softmax":
        smoothing = getattr(loss, "label_smoothing", 0)
        expected = get_activation(activation)(Z) - (ONE_HOT * (1 - smoothing) + smoothing / 4)
    else:
        expected = (get_activation(activation)(Z) - (y * (1 - loss.label_smoothing) + loss.label_smoothing / 2)) / 4
    np.testing.assert_allclose(slopes, expected, rtol=1e-6, atol=2e-7)


@pytest.mark.parametrize(("loss", "activation", "y"), PAIRS)
def test_a_certain_mistake_still_teaches(loss, activation, y):
    """Behind the activation the probability is 0 and the slope lost; before it neither is."""
    z = 500 * (1 - 2 * (BITS if activation != "softmax" else ONE_HOT))
    linked = with_link(loss, activation)
    value, slopes = jax.value_and_grad(lambda z: linked.per_row(y, z).mean())(z)
    assert np.isfinite(value)
    assert value > 100
    assert np.isfinite(slopes).all()
    assert np.abs(slopes).max() > 1e-3


@pytest.mark.parametrize(
    ("loss", "activation"),
    [
        (losses.MeanSquaredError(), "softmax"),
        (losses.BinaryCrossentropy(), "softmax"),
        (losses.BinaryCrossentropy(from_logits=True), "sigmoid"),
        (losses.CategoricalCrossentropy(), None),
        (losses.CategoricalCrossentropy(), jax.nn.softmax),
    ],
)
def test_other_pairs_stay_as_they_are(loss, activation):
    assert with_link(loss, activation) is loss
