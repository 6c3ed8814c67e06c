"""The loss curve display: arrays first, pictures later."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from lamina import MLPClassifier
from lamina.callbacks import History
from lamina.errors import DataError, UnknownName
from lamina.models import Sequential
from lamina.plotting import LossCurveDisplay

HISTORY = {
    "epoch": np.array([1, 2, 3, 4]),
    "loss": np.array([4.0, 3.0, 2.0, 1.0]),
    "val_loss": np.array([4.0, 2.5, 2.0, 3.0]),
    "val_score": np.array([0.1, 0.9, 0.8, 0.9]),
}
UNKNOWN = np.full(4, np.nan)


@pytest.mark.parametrize(
    ("changes", "best"),
    [({}, 2), ({"val_score": UNKNOWN}, 3), ({"val_score": UNKNOWN, "val_loss": UNKNOWN}, 4)],
)
def test_the_best_epoch(changes, best):
    assert LossCurveDisplay.from_history(HISTORY | changes).best_epoch == best


def test_arrays_are_kept_and_unknown_curves_are_none():
    display = LossCurveDisplay.from_estimator(SimpleNamespace(history_=HISTORY | {"val_loss": UNKNOWN}))
    np.testing.assert_array_equal(display.loss, HISTORY["loss"])
    assert display.val_loss is None


def test_two_panels():
    figure = Figure()
    display = LossCurveDisplay.from_history(HISTORY)
    assert display.plot(figure.subplots(2, 1)) is display
    losses, score = display.axes_
    assert display.figure_ is figure
    assert [text.get_text() for text in losses.get_legend().get_texts()] == [
        "training loss",
        "validation loss",
        "lowest loss: epoch 3",
    ]
    np.testing.assert_array_equal(losses.lines[0].get_ydata(), HISTORY["loss"])
    np.testing.assert_array_equal(score.lines[0].get_ydata(), HISTORY["val_score"])
    assert (losses.get_ylabel(), score.get_ylabel(), score.get_xlabel()) == ("loss", "validation score", "epoch")


def test_one_panel_takes_the_losses_only():
    display = LossCurveDisplay.from_history(HISTORY).plot(Figure().subplots())
    assert len(display.axes_) == 1
    assert display.axes_[0].get_xlabel() == "epoch"


@pytest.mark.parametrize("history", [HISTORY, {"loss": [1.0]}, {"loss": [1.0, np.nan]}, {"loss": [np.nan]}])
def test_a_picture_file(tmp_path, history):
    LossCurveDisplay.from_history(history).save(tmp_path / "curves.png", dpi=50)
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_three_panels_if_the_learning_rate_changed():
    """Rows 73, 88."""
    rates = np.array([0.1, 0.1, 0.01, 0.001])
    display = LossCurveDisplay.from_history(HISTORY | {"learning_rate": rates}).plot(Figure().subplots(3, 1))
    axes = display.axes_[2]
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), rates)
    assert (axes.get_ylabel(), axes.get_yscale()) == ("learning rate", "log")
    assert len(LossCurveDisplay.from_history(HISTORY | {"learning_rate": np.full(4, 0.1)})._panels()) == 2


METRICS = {
    "loss": [3.0, 2.0, 1.0],
    "mean_absolute_error": [0.4, 0.3, 0.2],
    "val_mean_absolute_error": [0.4, 0.2, 0.3],
    "accuracy": [0.1, 0.2, 0.3],
    "val_accuracy": [0.1, 0.2, 0.3],
    "house_rule": [1.0, 2.0, 3.0],
    "val_house_rule": [1.0, 2.0, 3.0],
    "val_loss": [3.0, 2.0, 2.5],
    "lr": [0.1, 0.1, 0.1],
}


@pytest.mark.parametrize(
    ("metric", "name", "best"),
    [(None, "mean_absolute_error", 2), ("accuracy", "accuracy", 3), ("house_rule", "house_rule", 2)],
)
def test_any_metric(metric, name, best):
    display = LossCurveDisplay.from_history(METRICS, metric)
    assert (display.score_name, display.best_epoch) == (name, best)
    np.testing.assert_array_equal(display.score, METRICS[name])
    np.testing.assert_array_equal(display.val_score, METRICS[f"val_{name}"])
    axes = display.plot(Figure().subplots(2, 1)).axes_[1]
    assert axes.get_ylabel() == name.replace("_", " ")
    assert axes.get_legend().get_texts()[1].get_text() == f"validation {name.replace('_', ' ')}"


def test_what_the_keras_door_returns():
    history = History()
    history.on_train_begin()
    for epoch in (4, 5):  # a training that went on
        history.on_epoch_end(epoch, {"loss": 1 / epoch, "accuracy": 0.5, "learning_rate": 0.1})
    for display in (
        LossCurveDisplay.from_history(history),
        LossCurveDisplay.from_estimator(SimpleNamespace(history=history)),
    ):
        np.testing.assert_array_equal(display.epoch, [5, 6])
        np.testing.assert_array_equal(display.score, [0.5, 0.5])
    np.testing.assert_array_equal(LossCurveDisplay.from_history(history.history).epoch, [1, 2])


@pytest.mark.parametrize(
    ("history", "sentence"),
    [
        ({"loss": []}, "at least one epoch"),
        ({"accuracy": [1.0]}, "Got a history of accuracy. Expected a loss"),
        ({"loss": [1.0, 2.0], "val_loss": [1.0]}, "one val_loss for each of 2 epochs"),
    ],
)
def test_a_history_without_curves_is_refused(history, sentence):
    with pytest.raises(DataError, match=sentence):
        LossCurveDisplay.from_history(history)


@pytest.mark.parametrize("estimator", [MLPClassifier(), Sequential()])
def test_what_is_not_fitted_has_no_curves(estimator):
    with pytest.raises(DataError, match="call fit first"):
        LossCurveDisplay.from_estimator(estimator)


def test_an_unknown_metric():
    with pytest.raises(UnknownName, match='Did you mean "accuracy"'):
        LossCurveDisplay.from_history(METRICS, "acuracy")


def test_matplotlib_is_needed_only_to_draw():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from lamina.plotting import LossCurveDisplay\n"
        "assert LossCurveDisplay([1, 2], [3, 2]).best_epoch == 2"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


PHASES = np.array(["frozen", "fine-tuning", "fine-tuning", "fine-tuning"])


def test_phases_are_named_above_the_losses_and_shaded_in_every_panel():
    display = LossCurveDisplay.from_history(HISTORY | {"phase": PHASES})
    assert display.score_name == "score"  # a phase is no metric
    assert [(span.phase, *display.bounds(span)) for span in display.spans] == [
        ("frozen", 1.0, 1.5),
        ("fine-tuning", 1.5, 4.0),
    ]
    losses, score = display.plot(Figure().subplots(2, 1)).axes_
    assert [text.get_text() for text in losses.texts] == ["frozen", "fine-tuning"]
    assert not score.texts
    assert [len(axes.patches) for axes in (losses, score)] == [1, 1]  # every other phase is shaded


def test_a_single_phase_is_not_shown():
    assert LossCurveDisplay.from_history(HISTORY | {"phase": np.full(4, "training")}).spans == []
    with pytest.raises(DataError, match="one phase for each of 4 epochs"):
        LossCurveDisplay.from_history(HISTORY | {"phase": PHASES[:2]})


def test_the_loss_of_a_layer_by_itself_is_not_the_lowest():
    phases = np.array(["layer 1", "layer 1", "layer 2", "all layers"])
    display = LossCurveDisplay.from_history(HISTORY | {"phase": phases})
    assert (display.lowest_epoch, display.best_epoch) == (4, 4)
    display = LossCurveDisplay.from_history(HISTORY | {"phase": np.full(4, "layer 1")})  # interrupted
    assert (display.lowest_epoch, display.best_epoch) == (3, 2)
