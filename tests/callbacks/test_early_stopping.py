"""Decisions like Keras' own, from the same logs."""

import itertools
import os

import numpy as np
import pytest

from lamina.callbacks import EarlyStopping

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")

WALKS = [np.random.RandomState(seed).rand(25).round(1 + seed % 2) + 1 / (1 + np.arange(25)) for seed in range(6)]
SETTINGS = [
    {"patience": patience, "min_delta": delta, "mode": mode, **more}
    for patience, delta, mode, more in itertools.product(
        (0, 1, 4), (0, 0.1), ("min", "max"), ({}, {"baseline": 0.5}, {"start_from_epoch": 6})
    )
]


@pytest.mark.parametrize("restore", [False, True])
def test_decisions_equal_keras(run, model, restore):
    """Rows 84, 85: when, and with which weights."""
    for settings, walk in itertools.product(SETTINGS, WALKS):
        logs = [{"val_loss": float(value)} for value in walk]
        seen = []
        for kind in (EarlyStopping, keras.callbacks.EarlyStopping):
            stopping = kind(restore_best_weights=restore, **settings)
            epochs = len(run(stopping, logs))
            seen.append((epochs, stopping.stopped_epoch, stopping.best_epoch, model.weight))
        assert seen[0] == seen[1], settings


def test_best_weights_come_back_without_a_stop(run, model):
    """Row 85."""
    run(EarlyStopping(patience=10, restore_best_weights=True), [{"val_loss": v} for v in (3.0, 1.0, 2.0)])
    assert model.weight == 1


def test_a_number_that_is_not_there(run, model):
    with pytest.warns(UserWarning, match='watches "val_loss", which is not in the logs. They have: loss'):
        assert len(run(EarlyStopping(), [{"loss": 1.0}] * 3)) == 3


def test_says_when_and_why(run, capsys):
    run(EarlyStopping(verbose=1, restore_best_weights=True), [{"val_loss": v} for v in (1.0, 2.0)])
    assert capsys.readouterr().out == (
        "Epoch 2: early stopping\nRestoring model weights from the end of the best epoch: 1.\n"
    )
