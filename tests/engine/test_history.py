"""Columns of the history, and what callbacks add to them."""

import pickle

import numpy as np

from lamina.engine.history import History


def test_columns_of_callbacks():
    """Row 90: NaN for epochs without a number; texts and the engine's own columns are left alone."""
    history = History()
    history.append(loss=2.0)
    history.append(loss=1.0)
    history.complete(loss=9.0, clean_loss=0.5, note="good")
    history.append(loss=0.5)
    assert set(history) == {"epoch", "loss", "val_loss", "val_score", "learning_rate", "seconds", "clean_loss"}
    np.testing.assert_array_equal(history["clean_loss"], [np.nan, 0.5, np.nan])
    np.testing.assert_array_equal(history["loss"], [2, 1, 0.5])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(history))["clean_loss"], history["clean_loss"])


def test_several_epochs_at_once():
    """They stand as if they had come one by one."""
    at_once, one_by_one = History(), History()
    at_once.append(loss=np.array([3.0, 2.0]), seconds=0.5)
    for loss in (3.0, 2.0):
        one_by_one.append(loss=loss, seconds=0.5)
    for history in (at_once, one_by_one):
        history.append(loss=1.0)
    for name, column in one_by_one.items():
        np.testing.assert_array_equal(at_once[name], column)
        assert at_once[name].dtype == column.dtype


def test_phases():
    """Epochs of several trainings are told apart; those that nobody has named have an empty name."""
    history = History()
    history.append(loss=np.array([3.0, 2.0]))
    history.mark("frozen", 0)
    history.append(loss=1.0)
    assert history["phase"].tolist() == ["frozen", "frozen", ""]
    history.mark("fine-tuning", 2)
    assert history["phase"].tolist() == ["frozen", "frozen", "fine-tuning"]
