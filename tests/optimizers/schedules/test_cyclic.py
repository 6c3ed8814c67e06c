"""1cycle against PyTorch's OneCycleLR, whose values were computed with torch 2 and written down, and by hand."""

import numpy as np
import pytest

from lamina.optimizers.schedules import OneCycle

# (three_phase, anneal_strategy, total_steps, pct_start, div_factor, final_div_factor), steps, rates, momenta; max 0.5
SHORT, LONG = [0, 3, 6, 10, 16, 18, 19], [0, 3, 16, 25, 40, 48, 49]
TORCH = [
    (
        (True, "linear", 20, 0.45, 10.0, 1000.0),
        SHORT,
        [0.05, 0.21875, 0.3875, 0.3875, 0.05, 0.0167, 5e-05],
        [0.95, 0.9125, 0.875, 0.875, 0.95, 0.95, 0.95],
    ),
    (
        (True, "linear", 50, 0.3, 25.0, 10000.0),
        LONG,
        [0.02, 0.122857143, 0.431428571, 0.122857143, 0.00857257143, 0.000954285714, 2e-06],
        [0.95, 0.928571429, 0.864285714, 0.928571429, 0.95, 0.95, 0.95],
    ),
    (
        (True, "cos", 20, 0.45, 10.0, 1000.0),
        SHORT,
        [0.05, 0.188896228, 0.434099026, 0.434099026, 0.05, 0.0125375, 5e-05],
        [0.95, 0.919134172, 0.864644661, 0.864644661, 0.95, 0.95, 0.95],
    ),
    (
        (True, "cos", 50, 0.3, 25.0, 10000.0),
        LONG,
        [0.02, 0.0723604442, 0.476232528, 0.0723604442, 0.00777601318, 0.000113680569, 2e-06],
        [0.95, 0.939091574, 0.854951557, 0.939091574, 0.95, 0.95, 0.95],
    ),
    (
        (False, "linear", 20, 0.45, 10.0, 1000.0),
        SHORT,
        [0.05, 0.21875, 0.3875, 0.4091, 0.1364, 0.0455, 5e-05],
        [0.95, 0.9125, 0.875, 0.868181818, 0.922727273, 0.940909091, 0.95],
    ),
    (
        (False, "linear", 50, 0.3, 25.0, 10000.0),
        LONG,
        [0.02, 0.122857143, 0.471428686, 0.342857771, 0.128572914, 0.0142876571, 2e-06],
        [0.95, 0.928571429, 0.855714286, 0.881428571, 0.924285714, 0.947142857, 0.95],
    ),
    (
        (False, "cos", 20, 0.45, 10.0, 1000.0),
        SHORT,
        [0.05, 0.188896228, 0.434099026, 0.460317352, 0.086326188, 0.0101757439, 5e-05],
        [0.95, 0.919134172, 0.864644661, 0.857937323, 0.932743037, 0.947974649, 0.95],
    ),
    (
        (False, "cos", 50, 0.3, 25.0, 10000.0),
        LONG,
        [0.02, 0.0723604442, 0.495982413, 0.387724694, 0.0772360288, 0.00100842248, 2e-06],
        [0.95, 0.939091574, 0.850803521, 0.872455151, 0.934553132, 0.949798715, 0.95],
    ),
]


@pytest.mark.parametrize(("settings", "steps", "rates", "momenta"), TORCH)
def test_equals_torch(settings, steps, rates, momenta):
    """Rows 65-67: with and without the third phase; the momentum goes the other way."""
    three_phase, strategy, total, start, first, last = settings
    cycle = OneCycle(
        0.5,
        total,
        pct_start=start,
        anneal_strategy=strategy,
        div_factor=first,
        final_div_factor=last,
        three_phase=three_phase,
    )
    np.testing.assert_allclose(cycle(np.array(steps)), rates, rtol=1e-7)
    np.testing.assert_allclose(cycle.momentum(np.array(steps)), momenta, rtol=1e-7)


def test_the_default_is_the_textbook_rule():
    """Rows 65, 67: from a tenth of the top up to it about halfway, back, and in the last tenth down by a thousand."""
    cycle, total, top = OneCycle(0.05, total_steps=1000), 1000, 0.05
    half = (total - (total // 10 + 1)) // 2  # of what the last tenth leaves
    up = top / 10 + (top - top / 10) * np.arange(half + 1) / half
    np.testing.assert_allclose(cycle(np.arange(half + 1)), up, rtol=1e-12)
    np.testing.assert_allclose(cycle(np.arange(half, 2 * half + 1)), up[::-1], rtol=1e-12)
    tail = cycle(np.arange(2 * half, total))
    np.testing.assert_allclose(np.diff(tail), np.diff(tail)[0], rtol=1e-9)
    np.testing.assert_allclose(tail[-1], top / 10 / 1000, rtol=1e-12)
    assert cycle(5 * total) == tail[-1]


def test_the_trainer_tells_the_number_of_steps():
    cycle = OneCycle(0.5)
    with pytest.raises(ValueError, match=r"does not know the number of steps. Give total_steps"):
        cycle(0)
    np.testing.assert_array_equal(cycle.planned(40)(np.arange(40)), OneCycle(0.5, 40)(np.arange(40)))
    np.testing.assert_array_equal(cycle.momentum.planned(40)(7), OneCycle(0.5, 40).momentum(7))
    assert OneCycle(0.5, 7).planned(40) == OneCycle(0.5, 7)


@pytest.mark.parametrize("total", [1, 2, 3, 4, 5, 9])
def test_very_short_trainings_stay_within_bounds(total):
    rates = OneCycle(1.0, total)(np.arange(total))
    assert np.all((rates >= 1e-4) & (rates <= 1))


def test_momentum_can_be_left_alone():
    assert OneCycle(0.5, max_momentum=None).momentum is None


def test_three_phases_leave_room_for_the_last():
    with pytest.raises(ValueError, match=r"pct_start to be a number above 0 and below 0.5. Received pct_start=0.6"):
        OneCycle(0.5, pct_start=0.6)
