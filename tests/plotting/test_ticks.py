"""Names and scales along an axis."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lamina.errors import DataError
from lamina.plotting.ticks import log_if_wide, name_ticks, names_of, scale_for


def test_names_are_not_read_as_formulas():
    axes = Figure().subplots()
    name_ticks(axes.yaxis, [r"$\broken$", "<b>", "a" * 30, 7])
    FigureCanvasAgg(axes.figure).draw()  # a broken formula would raise
    assert [text.get_text() for text in axes.get_yticklabels()] == [r"$\broken$", "<b>", "a" * 23 + "…", "7"]
    assert axes.get_yticks().tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.001, 0.01, 0.1], {"value": "log"}),
        ([0.1, 0.001, 0.01, 0.01], {"value": "log"}),
        ([0, 0.001, 0.01, 1], {"value": "symlog", "linthresh": 0.001}),
        ([0, 0.1, 0.2, 0.5], {"value": "linear"}),
        ([1, 1000], {"value": "linear"}),
        ([3], {"value": "linear"}),
    ],
)
def test_scales(values, scale):
    assert scale_for(np.array(values, float)) == scale


@pytest.mark.parametrize(
    ("values", "scale"),
    [([1, 31], "log"), ([1, 30], "linear"), ([0, 31], "linear"), ([1, 31, np.nan], "log"), ([np.nan], "linear")],
)
def test_wide_ranges_upwards(values, scale):
    axes = Figure().subplots()
    log_if_wide(axes, np.array(values, float))
    assert axes.get_yscale() == scale


def test_a_name_for_each_class():
    assert names_of([0, 1], None).tolist() == [0, 1]
    assert names_of([0, 1], ["no", "yes"]).tolist() == ["no", "yes"]
    with pytest.raises(DataError, match=r"Got 2 display_labels for 3 classes\. Expected a name for each of 0, 1, 2"):
        names_of([0, 1, 2], ["no", "yes"])
