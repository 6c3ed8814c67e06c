"""What all displays share, and pictures of some against stored ones."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text

from lamina.plotting import ActivationFunctionDisplay, GradientFlowDisplay, LossCurveDisplay, UncertaintyDisplay
from lamina.plotting.display import INK, Display, dress, line_style


class Numbers(Display):
    """Three panels in two columns."""

    columns = 2

    def _panels(self):
        return [self._draw_numbers] * 3

    def _draw_numbers(self, axes):
        axes.plot([1, 2], label="numbers", **line_style(0))
        dress(axes, "epoch", "loss", legend=True)


def test_a_figure_of_its_own():
    display = Numbers()
    try:
        assert display.plot() is display
        assert pyplot.get_fignums() == [display.figure_.number]
    finally:
        pyplot.close("all")
    assert len(display.axes_) == len(display.figure_.axes) == 3
    assert display.figure_.get_facecolor()[3] == 1


@pytest.mark.parametrize("n_axes", [1, 2])
def test_given_axes_are_drawn_on_without_pyplot(n_axes):
    figure = Figure()
    display = Numbers().plot(figure.subplots(1, n_axes))
    assert display.figure_ is figure
    assert len(display.axes_) == n_axes
    assert pyplot.get_fignums() == []
    assert display.axes_[0].get_xlabel() == "epoch"


def test_shared_epochs_are_named_once():
    class Shared(Numbers):
        columns, share_x = 1, True

    try:
        labels = [axes.get_xlabel() for axes in Shared().plot().axes_]
    finally:
        pyplot.close("all")
    assert labels == ["", "", "epoch"]


def test_a_png_is_the_same_in_every_style(tmp_path):
    plain = Numbers().to_png(dpi=40)
    with matplotlib.style.context("dark_background"):
        Numbers().save(tmp_path / "numbers.png", dpi=40)
    assert (tmp_path / "numbers.png").read_bytes() == plain
    assert plain.startswith(b"\x89PNG")
    assert pyplot.get_fignums() == []


def test_words_in_the_legend_are_dark_on_their_light_ground():
    with matplotlib.style.context("dark_background"):
        display = Numbers().plot(Figure().subplots())
    text = display.axes_[0].get_legend().get_texts()[0]
    assert matplotlib.colors.to_hex(text.get_color()) == INK


def test_no_two_of_twelve_lines_look_alike():
    looks = {(style["color"], style["linestyle"]) for style in map(line_style, range(12))}
    assert len(looks) == 12
    assert len({line_style(i)["color"] for i in range(6)}) == 6
    assert np.all([line_style(i)["linestyle"] != line_style(i + 1)["linestyle"] for i in range(11)])


# -- stored pictures: small, and without words, which versions of matplotlib set differently

PICTURES = Path(__file__).parent / "pictures"
#: root of the mean squared difference of colours from 0 to 255; between matplotlib 3.9 and 3.11 it is 0
TOLERANCE = 5

EPOCH = np.arange(1, 21)
HISTORY = {
    "epoch": EPOCH,
    "loss": 2 * 0.8**EPOCH,
    "val_loss": 2 * 0.8**EPOCH + 0.002 * EPOCH**2,
    "val_score": 1 - 0.8**EPOCH - 0.0005 * EPOCH**2,
    "learning_rate": 0.1 * 0.7**EPOCH,
}
NORMS = 10.0 ** (np.arange(5) - 5) * (1 + EPOCH[:, None] / 5)


MEANS = np.array([[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]])


def displays(history, norms, activations, means):
    """One of each kind, by the name of its picture."""
    return {
        "curves": LossCurveDisplay.from_history(history),
        "gradient_flow": GradientFlowDisplay([f"dense_{i}" for i in range(5)], EPOCH, norms),
        "activation_function": ActivationFunctionDisplay.from_activations(*activations),
        "uncertainty": UncertaintyDisplay(means, means * (1 - means), ["cat", "dog", "emu"], truth=["dog", "cat"]),
    }


def draw(display, path):
    """Draw without words, on axes whose places depend on no word."""
    n_panels = len(display._panels())
    figure = Figure(figsize=(3 * n_panels, 3), dpi=40)
    display.plot(figure.subplots(1, n_panels))
    for axes in figure.axes:
        axes.legend_ = None
    for text in figure.findobj(Text):
        text.set_visible(False)
    figure.savefig(path)


def difference(display, name, tmp_path):
    """From the stored picture; 0 within the tolerance."""
    draw(display, tmp_path / "now.png")
    if not (PICTURES / f"{name}.png").exists():
        draw(display, PICTURES / f"{name}.png")
        pytest.fail(f"There was no picture of {name}. It is there now: look at it.")
    found = compare_images(PICTURES / f"{name}.png", tmp_path / "now.png", TOLERANCE, in_decorator=True)
    return found["rms"] if found else 0


@pytest.mark.parametrize("name", ["curves", "gradient_flow", "activation_function", "uncertainty"])
def test_pictures_stay_as_they_are_and_others_are_told_apart(name, tmp_path):
    same = displays(HISTORY, NORMS, ("relu", "tanh"), MEANS)
    assert difference(same[name], name, tmp_path) == 0
    history, four = HISTORY | {"loss": HISTORY["loss"][::-1]}, ("relu", "tanh", "elu", "gelu")
    others = displays(history, NORMS[:, ::-1], four, MEANS[::-1])
    assert difference(others[name], name, tmp_path) > TOLERANCE
