"""Keras 3 on JAX: Sequential, compile, fit."""

import os

import numpy as np

from benchmarks.workloads import ALPHA, DROPOUT, LEARNING_RATE, MAX_RATE, MOMENTUM, Net

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
        hidden = [layer for width in self.net.hidden for layer in self.block(width, penalty)]
        output = keras.layers.Dense(classes, "softmax", kernel_regularizer=penalty)
        model = keras.Sequential([keras.Input((inputs,)), *hidden, output])
        model.compile(optimizer=self.optimizer(), loss="sparse_categorical_crossentropy")
        return model

    def block(self, width: int, penalty):
        layers = self.keras.layers
        if self.net.recipe == "plain":
            return [layers.Dense(width, "relu", kernel_regularizer=penalty)]
        dense = layers.Dense(width, use_bias=False, kernel_initializer="he_normal", kernel_regularizer=penalty)
        return [dense, layers.BatchNormalization(), layers.Activation("elu"), layers.Dropout(DROPOUT)]

    def optimizer(self):
        keras, steps = self.keras, self.net.steps
        if self.net.recipe == "plain":
            return keras.optimizers.Adam(LEARNING_RATE)

        class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
            def __call__(self, step):
                position = keras.ops.cast(step, "float32") / steps
                return MAX_RATE * (0.1 + 0.9 * (1 - keras.ops.abs(2 * position - 1)))

        return keras.optimizers.SGD(OneCycle(), momentum=MOMENTUM, nesterov=True)

    def predict(self, X: np.ndarray) -> np.ndarray:
        assert self.model is not None
        if len(X) == 1:
            return self.model.predict_on_batch(X).argmax(1)
        return self.model.predict(X, batch_size=8192, verbose=0).argmax(1)
