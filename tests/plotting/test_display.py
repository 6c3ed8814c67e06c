"""What all displays share."""

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

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
