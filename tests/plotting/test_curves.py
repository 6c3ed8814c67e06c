"""The loss curve display: arrays first, pictures later."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from lamina.errors import DataError
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


def test_an_empty_history_is_refused():
    with pytest.raises(DataError, match="at least one epoch"):
        LossCurveDisplay.from_history({"loss": []})


def test_matplotlib_is_needed_only_to_draw():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from lamina.plotting import LossCurveDisplay\n"
        "assert LossCurveDisplay([1, 2], [3, 2]).best_epoch == 2"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
