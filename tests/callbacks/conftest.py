"""A model that offers what callbacks use, and nothing more."""

from types import SimpleNamespace

import numpy as np
import pytest


class Model:
    """Its one weight is the number of the epoch, so that tests see which epoch's weights it has."""

    def __init__(self):
        self.stop_training = False
        self.optimizer = SimpleNamespace(learning_rate=0.1)
        self.weight = -1.0
        self.saved = []

    def get_weights(self):
        return [np.array(self.weight)]

    def set_weights(self, weights):
        self.weight = float(weights[0])

    def save(self, path):
        self.saved.append(path)

    def save_weights(self, path):
        self.saved.append(f"weights:{path}")

    def train(self, callbacks, logs):
        """Go through the epochs of the logs, as an engine would; gives each one's learning rate."""
        self.stop_training = False
        rates = []
        callbacks.on_train_begin()
        for epoch, row in enumerate(logs):
            callbacks.on_epoch_begin(epoch)
            self.weight = float(epoch)
            rates.append(float(self.optimizer.learning_rate))
            callbacks.on_epoch_end(epoch, dict(row))
            if self.stop_training:
                break
        callbacks.on_train_end()
        return rates


@pytest.fixture
def model():
    return Model()


@pytest.fixture
def run(model):
    """Train the model with one callback."""

    def run(callback, logs):
        callback.set_params({})
        callback.set_model(model)
        return model.train(callback, logs)

    return run
