"""Geometry of the charts, worked by hand."""

import numpy as np
import pytest

from lamina.report.svg import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Line,
    Scale,
    bar_chart,
    heat_map,
    line_chart,
    scatter_chart,
    short,
    thin,
)


def test_a_line_goes_from_corner_to_corner():
    chart = line_chart("Loss", "epoch", "loss", [Line("training", np.array([1, 2, 3]), np.array([2.0, 1.5, 1.0]))])
    middle = f"L{(LEFT + RIGHT) / 2:g} {(TOP + BOTTOM) / 2:g}"
    assert chart.paths[0][1] == f"M{LEFT} {TOP}{middle}L{RIGHT} {BOTTOM}"
    assert [tick.text for tick in chart.x_ticks] == ["1", "2", "3"]
    assert chart.summary == "training from 2 at epoch 1 to 1 at epoch 3"
    assert chart.bands[1].text == "epoch 2: training 1.5"


def test_what_is_not_known_breaks_the_line():
    line = Line("a", np.arange(4), np.array([1.0, np.nan, 2.0, np.inf]))
    path = line_chart("", "epoch", "", [line]).paths[0][1]
    assert path.count("M") == 2
    assert "nan" not in path
    assert "inf" not in path


def test_one_epoch_is_a_short_stroke():
    assert line_chart("", "epoch", "", [Line("a", np.array([1]), np.array([0.5]))]).paths[0][1].endswith("h.1")


def test_logarithms_where_numbers_are_far_apart():
    far, near = (line_chart("", "", "loss", [Line("", np.arange(2), np.array(y))]) for y in ([100.0, 1.0], [10.0, 1.0]))
    assert far.y_label == "loss (log scale)"
    assert [tick.text for tick in far.y_ticks] == ["1", "10", "100"]
    assert far.y_ticks[1].at == (TOP + BOTTOM) / 2
    assert near.y_label == "loss"


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0, 1, ["0", "0.5", "1"]),
        (1, 35, ["10", "20", "30"]),
        (-3, 7, ["0", "5"]),
        (0.97, 0.98, ["0.97", "0.975", "0.98"]),
    ],
)
def test_ticks_are_round(low, high, texts):
    assert [tick.text for tick in Scale(np.array([low, high]), 0, 100).ticks()] == texts


@pytest.mark.parametrize("log", [False, True])
def test_a_constant_has_a_scale(log):
    scale = Scale(np.array([5.0, 5.0]), 0, 100, log)
    assert 0 < scale(5.0) < 100


def test_long_runs_stay_small():
    line = Line("a", np.arange(100_000), np.linspace(0, 1, 100_000))
    chart = line_chart("", "epoch", "", [line])
    assert len(chart.paths[0][1]) < 10_000
    assert len(chart.bands) == 100
    assert len(scatter_chart("", "", "", np.arange(1e5), np.arange(1e5)).dots) == 1000
    assert len(heat_map("", "", ["l"] * 1000, np.arange(1000), np.ones((1000, 1000))).cells) == 1600


def test_cells_are_stronger_for_larger_norms():
    values = np.array([[1e-4, 1e-2], [1.0, np.nan]])
    chart = heat_map("norm", "epoch", ["first", "last"], np.array([0, 1]), values)
    assert [cell.strength for cell in chart.cells] == [0.08, pytest.approx(0.54, abs=0.01), 1.0, 0.0]
    assert chart.cells[1].text == "first, epoch 1: 0.01"


def test_bars_stand_on_the_axis():
    chart = bar_chart("", "residual", "rows", np.array([0.0, 1.0, 2.0]), np.array([4, 2]))
    assert [(bar.y, bar.y + bar.height) for bar in chart.bars] == [(TOP, BOTTOM), ((TOP + BOTTOM) / 2, BOTTOM)]
    assert chart.summary == "the tallest bar has 4 rows, from 0 to 1"


def test_thin_keeps_both_ends():
    assert thin(1000, 5).tolist() == [0, 250, 500, 749, 999]
    assert thin(3, 5).tolist() == [0, 1, 2]
    assert thin(0, 5).tolist() == []


def test_short_numbers():
    assert [short(v) for v in (3.0, -0.5, 123456.7, 0.00012345, 1e-12, 1.5e20)] == [
        "3",
        "-0.5",
        "1.23e5",
        "1.23e-4",
        "1e-12",
        "1.5e20",
    ]
    assert short(np.nan) == "–"


def test_phases_have_bands_and_names_that_fit():
    epoch = np.arange(1, 11)
    chart = line_chart(
        "Loss", "epoch", "loss", [Line("training", epoch, epoch * 1.0)], None, [("a", 1, 5.5), ("b", 5.5, 10)]
    )
    assert chart.summary.endswith("a to epoch 5; b to epoch 10")
    first, second = chart.phases
    assert (first.x, first.anchor, second.x + second.width, second.anchor) == (LEFT, "middle", RIGHT, "middle")
    narrow = [("frozen", 1, 1.5), ("some", 1.5, 1.7), ("tuning", 1.7, 9.8), ("last one", 9.8, 10)]
    phases = line_chart("Loss", "epoch", "loss", [Line("training", epoch, epoch * 1.0)], None, narrow).phases
    assert [phase.anchor for phase in phases] == ["end", "start", "middle", "end"]
    assert phases[-1].at == RIGHT  # written to the left: to the right there is no room
