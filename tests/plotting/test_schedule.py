"""The display of learning-rate schedules."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from lamina.errors import InvalidParameter, UnknownName
from lamina.optimizers.schedules import ExponentialDecay, OneCycle
from lamina.plotting import ScheduleDisplay

STEPS = np.arange(20)


def halving(step):
    """From 1."""
    return 0.5**step


def test_schedules_against_their_formulas():
    display = ScheduleDisplay.from_schedules(
        "constant", "linear", "cosine", ExponentialDecay(1.0, 10, 0.1, name="tenth"), halving, 0.3, total_steps=20
    )
    wanted = [
        np.full(20, 0.001),
        0.001 * (1 - STEPS / 20),
        0.001 * (1 + np.cos(np.pi * STEPS / 20)) / 2,
        0.1 ** (STEPS / 10),
        0.5**STEPS,
        np.full(20, 0.3),
    ]
    np.testing.assert_allclose(display.values, wanted, rtol=1e-12)
    assert display.names == ["constant", "linear", "cosine", "tenth", "halving", "0.3"]
    assert display.momentum is None


def test_the_momentum_has_a_panel_of_its_own():
    display = ScheduleDisplay.from_schedules(
        "constant", "onecycle", OneCycle(1.0, max_momentum=None), total_steps=20, learning_rate=0.1, steps_per_epoch=5
    )
    np.testing.assert_allclose(display.values[1:].max(axis=1), [0.1, 1.0])
    assert np.isnan(display.momentum[[0, 2]]).all()
    assert (display.momentum[1].min(), display.momentum[1].max()) == pytest.approx((0.85, 0.95))
    assert display.plot(Figure().subplots(2, 1)) is display
    rates, momentum = display.axes_
    np.testing.assert_array_equal([line.get_ydata() for line in rates.lines], display.values)
    np.testing.assert_array_equal(rates.lines[0].get_xdata(), STEPS / 5)
    (line,) = momentum.lines
    assert line.get_color() == rates.lines[1].get_color()
    assert (rates.get_xlabel(), rates.get_ylabel(), momentum.get_ylabel()) == ("epoch", "learning rate", "momentum")
    assert pyplot.get_fignums() == []


def test_steps_are_counted_by_default():
    display = ScheduleDisplay.from_schedules("linear", total_steps=20).plot(Figure().subplots())
    assert display.axes_[0].get_xlabel() == "step"
    np.testing.assert_array_equal(display.time, STEPS)


@pytest.mark.parametrize(
    ("given", "error", "sentence"),
    [
        (("onecycel",), UnknownName, 'Did you mean "onecycle"'),
        (("adaptive",), UnknownName, "Known: constant, cosine"),
        ((), InvalidParameter, "at least one schedule"),
    ],
)
def test_mistakes(given, error, sentence):
    with pytest.raises(error, match=sentence):
        ScheduleDisplay.from_schedules(*given, total_steps=10)
    with pytest.raises(InvalidParameter, match="total_steps"):
        ScheduleDisplay.from_schedules("linear", total_steps=0)
