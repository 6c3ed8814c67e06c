"""The two fits behind `lamina fit`."""

import numpy as np
import polars as pl
import pytest

from lamina.callbacks.progress import RichProgress
from lamina.cli.networks import Rows, Trainer, best_epoch, can_validate, network_of
from lamina.cli.parameters import parameters_from
from lamina.data.split import hold_out

OPTIONS = {"hidden": "8", "batch_size": "auto", "seed": 5, "class_weight": None, "label_smoothing": 0.0, "loss": None}
OPTIONS |= {"learning_rate_init": "0.001", "n_members": 1, "bootstrap": False}
OPTIONS |= {"solver": "adam", "early_stopping": True, "validation_fraction": 0.25, "max_iter": 4, "dtype": "float32"}


@pytest.fixture
def rows():
    rng = np.random.RandomState(0)
    x = rng.randn(80)
    return Rows(pl.DataFrame({"x": x}), 1e5 + 1e4 * x)


def trainer(**changes):
    return Trainer("regression", parameters_from({**OPTIONS, **changes}, "regression"), 3.0, True)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_validation_rows_shape_neither_the_encoder_nor_the_scale_of_the_target(rows):
    kept, _ = hold_out(80, 0.25, np.random.RandomState(5), None)
    first = trainer().first(rows)
    assert first.model["encode"].columns_[0]["mean"] == pytest.approx(rows.table["x"].to_numpy()[kept].mean())
    assert first.model["mlp"].transformer_.mean_[0] == pytest.approx(rows.target[kept].mean())
    assert np.isfinite(first.network.history_["val_loss"]).all()
    assert first.network.history_["val_loss"][0] < 10  # validation targets are on the scale of the training's

    again = trainer().again(rows, first)
    assert again.model["encode"].columns_[0]["mean"] == pytest.approx(rows.table["x"].mean())
    assert again.model["mlp"].transformer_.mean_[0] == pytest.approx(rows.target.mean())
    assert again.refitted_epochs == network_of(again.model["mlp"]).n_iter_ == best_epoch(first.network.history_)
    assert again.network is first.network


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("moment", ["on_train_begin", "on_epoch_end"])
def test_an_interrupted_second_training_leaves_the_first(rows, monkeypatch, moment):
    def press_ctrl_c(*_):
        raise KeyboardInterrupt

    first = trainer().first(rows)
    monkeypatch.setattr(RichProgress, moment, press_ctrl_c)
    if moment == "on_epoch_end":  # inside the loop of epochs, which ends cleanly and warns
        with pytest.warns(UserWarning, match="interrupted"):
            again = trainer().again(rows, first)
    else:
        again = trainer().again(rows, first)
    assert again == first._replace(interrupted=True)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_diverging_second_training_leaves_the_first(rows, capsys):
    first = trainer().first(rows)
    assert trainer(learning_rate_init=1e9, alpha=1.0).again(rows, first) == first
    stderr = capsys.readouterr().err
    assert "--learning-rate-init" in stderr
    assert "first training is kept" in stderr


def test_lbfgs_trains_on_every_row(rows):
    first = trainer(solver="lbfgs", max_iter=100, tol=1e-2).first(rows)
    assert first.model["encode"].columns_[0]["mean"] == pytest.approx(rows.table["x"].mean())
    assert not first.interrupted
    assert not trainer(solver="lbfgs").wants_again(True, first, 80)
    residuals = first.model.predict(rows.table) - rows.target
    assert np.abs(residuals).mean() < 2e3


@pytest.mark.parametrize(
    ("target", "share", "by_class", "expected"),
    [
        ([0.5] * 11, 0.1, False, True),  # two rows to validate on
        ([0.5] * 10, 0.1, False, False),  # one
        ([0.5] * 10, 1.0, False, False),  # none to train on
        (["a", "b"] * 10, 0.1, True, True),
        (["a", "b", "c"] * 6, 0.1, True, False),  # three classes, two rows
        (["a"] * 19 + ["b"], 0.1, True, False),  # one row of a class
        (["a"] * 18 + ["b"] * 2, 0.1, True, True),
        (["a"] * 18 + ["b"] * 2, 0.6, True, False),  # class b might not be trained on
    ],
)
def test_rows_enough_to_validate(target, share, by_class, expected, capsys):
    assert can_validate(np.array(target), share, by_class) is expected
    assert ("Early stopping is off" in capsys.readouterr().err) is not expected
