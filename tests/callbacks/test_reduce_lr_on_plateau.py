"""Decisions like Keras' own, from the same logs."""

import itertools
import os

import numpy as np
import pytest

from lamina.callbacks import ReduceLROnPlateau
from lamina.errors import InvalidParameter
from lamina.optimizers.schedules import ExponentialDecay

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")

WALKS = [np.random.RandomState(seed).rand(40).round(1) + 1 / (1 + np.arange(40)) for seed in range(5)]


def test_learning_rates_equal_keras(run, model):
    """Row 64."""
    for patience, cooldown, delta, least, walk in itertools.product((0, 1, 3), (0, 2), (0, 0.07), (0.0, 0.02), WALKS):
        settings = {"patience": patience, "cooldown": cooldown, "min_delta": delta, "min_lr": least, "factor": 0.5}
        rates = []
        for kind in (ReduceLROnPlateau, keras.callbacks.ReduceLROnPlateau):
            model.optimizer.learning_rate = 0.1
            rates.append(run(kind(mode="min", **settings), [{"val_loss": float(value)} for value in walk]))
        assert rates[0] == rates[1], settings


def test_says_what_it_does(run, capsys):
    run(ReduceLROnPlateau(patience=1, verbose=1, factor=0.5), [{"val_loss": 1.0}] * 2)
    assert capsys.readouterr().out == "Epoch 2: ReduceLROnPlateau reducing learning rate to 0.05.\n"


def test_a_factor_that_reduces_nothing():
    with pytest.raises(InvalidParameter, match="factor to be a number above 0 and below 1"):
        ReduceLROnPlateau(factor=1.0)


def test_a_rate_that_follows_a_schedule(run, model):
    """Said before the first epoch, and the schedule stays."""
    model.optimizer.learning_rate = schedule = ExponentialDecay(0.1, 10, 0.5)
    with pytest.raises(InvalidParameter, match=r"follows ExponentialDecay.*Use one of the two"):
        run(ReduceLROnPlateau(), [{"val_loss": 1.0}])
    assert model.optimizer.learning_rate is schedule
