"""The end of a network: its last activation, alone and together with the loss."""

import numpy as np
import pytest

import lamina as keras
from lamina.layers import Activation, Dense, Softmax
from lamina.models import Sequential
from lamina.optimizers import SGD, Adam
from tests.models.networks import CLASSES, X

pytestmark = pytest.mark.usefixtures("seeded")


@pytest.mark.parametrize(
    ("activation", "by_hand"),
    [
        ("relu", lambda z: np.maximum(z, 0)),
        ("softplus", lambda z: np.log1p(np.exp(z))),
    ],
)
def test_any_output_activation(activation, by_hand):
    """Row 4: for targets that are never negative, which are learned."""
    model = Sequential([Dense(8, "tanh", input_shape=(4,)), Dense(1, activation)])
    kernel, bias, top, shift = model.get_weights()
    expected = by_hand(np.tanh(X @ kernel + bias) @ top + shift)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-5, atol=1e-6)  # float32
    model.compile(Adam(0.02), "mse")
    losses = model.fit(X, np.tanh(np.abs(X[:, 0])), epochs=10, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("last", [Activation("softmax"), Softmax()], ids=lambda last: type(last).__name__)
def test_the_last_activation_may_be_a_layer(last):
    """It trains as that of the layer before it does."""
    kernel = np.random.RandomState(0).normal(size=(4, 3)).astype(np.float32)
    trained = []
    for layers in ([Dense(3, "softmax")], [Dense(3), last]):
        model = Sequential([keras.Input((4,)), *layers])
        model.set_weights([kernel, np.zeros(3, np.float32)])
        model.compile(SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
        losses = model.fit(X, CLASSES, epochs=3, shuffle=False, validation_data=(X, CLASSES), verbose=0).history
        trained.append((losses, model.predict(X)))
    assert trained[0][0] == trained[1][0]
    np.testing.assert_array_equal(trained[0][1], trained[1][1])
