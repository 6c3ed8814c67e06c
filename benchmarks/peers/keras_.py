"""Keras 3 on JAX: Sequential, compile, fit."""

import os

import numpy as np

from benchmarks.workloads import ALPHA, LEARNING_RATE, Net

REQUIRES = ("keras", "jax")


class Trainer:
    def __init__(self, net: Net) -> None:
        os.environ["KERAS_BACKEND"] = "jax"
        import keras

        if net.dtype == "float64":
            import jax

            jax.config.update("jax_enable_x64", True)
        keras.config.set_floatx(net.dtype)
        self.net = net
        self.keras = keras
        self.model = None

    def fit(self, X: np.ndarray, y: np.ndarray) -> None:
        if self.model is None:  # a new model would compile again, so later fits go on with this one
            self.model = self.build(X.shape[1], int(y.max()) + 1)
        self.model.fit(X, y, batch_size=self.net.batch, epochs=self.net.epochs, verbose=0)

    def build(self, inputs: int, classes: int):
        keras = self.keras
        penalty = keras.regularizers.L2(ALPHA / 2 / self.net.batch)
        widths = [*self.net.hidden, classes]
        activations = ["relu"] * len(self.net.hidden) + ["softmax"]
        layers = [keras.layers.Dense(w, a, kernel_regularizer=penalty) for w, a in zip(widths, activations)]
        model = keras.Sequential([keras.Input((inputs,)), *layers])
        model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="sparse_categorical_crossentropy")
        return model

    def predict(self, X: np.ndarray) -> np.ndarray:
        assert self.model is not None
        if len(X) == 1:
            return self.model.predict_on_batch(X).argmax(1)
        return self.model.predict(X, batch_size=8192, verbose=0).argmax(1)
