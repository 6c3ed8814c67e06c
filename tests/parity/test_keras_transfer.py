"""A program of transfer learning, phase by phase beside real Keras: the same weights from the same first ones."""

import os

import numpy as np
import pytest
from sklearn.datasets import load_digits

import lamina

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")
pytestmark = [
    pytest.mark.filterwarnings("ignore:(SELU keeps|The columns of the inputs)"),  # as the program has them
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),  # within Keras
]

X, Y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
A = Y < 8
X_B, Y_B = X[~A][:200], (Y[~A][:200] == 9).astype(np.float32)
HIDDEN = {"activation": "selu", "kernel_initializer": "lecun_normal"}


def source(door):
    layers = door.layers
    return door.models.Sequential(
        [
            layers.Input(shape=(64,)),
            layers.Dense(30, **HIDDEN),
            layers.BatchNormalization(),
            layers.Dense(20, **HIDDEN),
            layers.Dense(8, activation="softmax"),
        ]
    )


def transferred(door, model_A, head):
    """The weights of B after 4 epochs of the new head and after 16 of all layers, then those of A; two histories."""
    model_A.compile(loss="sparse_categorical_crossentropy", optimizer=door.optimizers.SGD(learning_rate=0.05))
    model_A.fit(X[A], Y[A], epochs=2, shuffle=False, verbose=0)
    model_A_clone = door.models.clone_model(model_A)
    model_A_clone.set_weights(model_A.get_weights())
    model_B_on_A = door.models.Sequential(model_A_clone.layers[:-1])
    model_B_on_A.add(door.layers.Dense(1, activation="sigmoid"))
    model_B_on_A.build((None, 64))
    model_B_on_A.layers[-1].set_weights(head)
    weights, histories = [], []
    for trainable, epochs, rate in ((False, 4, 1e-2), (True, 16, 1e-3)):
        for layer in model_B_on_A.layers[:-1]:
            layer.trainable = trainable
        optimizer = door.optimizers.SGD(learning_rate=rate, momentum=0.9)
        model_B_on_A.compile(loss="binary_crossentropy", optimizer=optimizer, metrics=["accuracy"])
        history = model_B_on_A.fit(X_B, Y_B, epochs=epochs, shuffle=False, verbose=0)
        weights.append(model_B_on_A.get_weights())
        histories.append(history.history)
    return [*weights, model_A.get_weights()], histories


def test_four_frozen_epochs_then_sixteen():
    """Rows 94, 95, 96, 97: a frozen batch normalisation, too, is Keras' in every step; 1e-5: float32."""
    theirs_A, ours_A = source(keras), source(lamina)
    ours_A.set_weights(theirs_A.get_weights())
    head = [np.linspace(-0.5, 0.5, 20, dtype=np.float32)[:, None], np.zeros(1, np.float32)]
    theirs, their_history = transferred(keras, theirs_A, head)
    ours, our_history = transferred(lamina, ours_A, head)
    for our_phase, their_phase in zip(ours, theirs, strict=True):
        for a, b in zip(our_phase, their_phase, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=2e-6)
    for ours_of, theirs_of in zip(our_history, their_history, strict=True):
        for name in theirs_of:
            np.testing.assert_allclose(ours_of[name], theirs_of[name], rtol=1e-5, atol=1e-6)
    assert np.array_equal(ours[0][0], ours[2][0])  # frozen, then moved
    assert not np.array_equal(ours[1][0], ours[2][0])
