"""The display of the range test."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from lamina.plotting import LearningRateFinderDisplay

RATES = np.geomspace(1e-5, 10, 7)
SMOOTHED = np.array([2.3, 2.2, 2.0, 1.0, 0.5, 40.0, np.inf])
RESULT = SimpleNamespace(
    rates=RATES,
    losses=SMOOTHED + 0.1,
    smoothed=SMOOTHED,
    steepest=0.01,
    valley=None,
    below_blow_up=0.1,
    suggestion=0.01,
)


def test_a_result_with_its_suggestion():
    """Rows 69, 70."""
    display = LearningRateFinderDisplay.from_range(RESULT)
    np.testing.assert_array_equal(display.rates, RATES)
    assert (display.proposals, display.suggestion) == ({"steepest": 0.01, "below_blow_up": 0.1}, 0.01)
    assert display.plot(Figure().subplots()) is display
    (axes,) = display.axes_
    losses, smoothed, steepest, below, suggestion = axes.lines
    np.testing.assert_array_equal(losses.get_ydata(), RESULT.losses)
    np.testing.assert_array_equal(smoothed.get_ydata(), SMOOTHED)
    assert [line.get_xdata()[0] for line in (steepest, below)] == [0.01, 0.1]
    assert (suggestion.get_xdata()[0], suggestion.get_ydata()[0]) == pytest.approx((0.01, 1.0))
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_xscale()) == ("learning rate", "loss", "log")
    assert axes.get_legend().get_texts()[-1].get_text() == "suggestion: 0.01"
    assert pyplot.get_fignums() == []


def test_a_blow_up_does_not_flatten_the_rest():
    low, high = LearningRateFinderDisplay.from_range(RESULT).plot(Figure().subplots()).axes_[0].get_ylim()
    assert low < 0.5
    assert 2.3 < high < 5


def test_without_proposals():
    display = LearningRateFinderDisplay(RATES, np.ones(7), np.ones(7)).plot(Figure().subplots())
    assert len(display.axes_[0].lines) == 2
