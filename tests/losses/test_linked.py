"""A loss before the activation is the loss after it, with the derivative that mathematics promises."""

import jax
import numpy as np
import pytest

from lamina import losses
from lamina.activations import get_activation
from lamina.losses import LossFunction, of_output, with_link

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
    (losses.CategoricalFocalCrossentropy(gamma=1.0), "softmax", ONE_HOT),
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


@pytest.mark.parametrize(("loss", "activation", "y"), [*PAIRS, (losses.MeanSquaredError(), "softmax", ONE_HOT)])
def test_the_loss_of_an_output_whose_predictions_go_through_an_activation(loss, activation, y):
    """1e-5: as above."""
    found = of_output(loss, activation)
    assert get_activation(found.link) is get_activation(activation)
    np.testing.assert_allclose(found.per_row(y, Z), loss.per_row(y, get_activation(activation)(Z)), rtol=1e-5)


def test_margins_lie_before_the_activation():
    found = of_output(losses.Hinge(), "logistic")
    np.testing.assert_array_equal(found.per_row(BITS, Z), losses.Hinge().per_row(BITS, Z))
    assert found.link == "logistic"


def test_a_link_of_its_own_stays():
    own = LossFunction(losses.mse, "exp")
    assert of_output(own, "logistic") is own


@pytest.mark.parametrize(
    ("loss", "values"),
    [
        (losses.Huber(2.0), {"delta": 0.5}),
        (losses.Quantile(0.2), {"quantile": 0.9}),
        (losses.BinaryFocalCrossentropy(label_smoothing=0.2), {"label_smoothing": 0.1, "alpha": 0.5, "gamma": 1.0}),
    ],
)
def test_numbers_are_traced(loss, values):
    """Other numbers are the same recipe, also around the loss; they come back by their names."""
    around = of_output(loss, "logistic")
    assert loss.hyper().keys() == around.hyper().keys() == values.keys()
    other = type(loss)(**values)
    assert of_output(other, "logistic").recipe() == around.recipe()
    expected = of_output(other, "logistic").per_row(BITS, Z)
    np.testing.assert_allclose(around.recipe().at(values).per_row(BITS, Z), expected, rtol=1e-6)


def test_what_is_off_is_no_value():
    assert losses.CategoricalCrossentropy().hyper() == {}
    assert losses.Quantile([0.1, 0.9]).hyper() == {}
