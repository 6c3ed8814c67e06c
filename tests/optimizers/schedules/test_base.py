"""Numbers, schedule objects and functions of the step become the engine's form."""

import numpy as np
import pytest

from lamina.optimizers.schedules import ExponentialDecay, LearningRateSchedule, OneCycle, as_schedule, constant

EPOCHS = np.arange(3)[:, None]
STEPS = EPOCHS * 4 + np.arange(4)


def test_constant():
    np.testing.assert_array_equal(constant(0.5)(EPOCHS, STEPS), np.full((3, 4), 0.5))
    np.testing.assert_array_equal(as_schedule(0.5)(EPOCHS, STEPS), np.full((3, 4), 0.5))


class Halving(LearningRateSchedule):
    def __init__(self, start):
        self.start = start

    def __call__(self, step):
        return self.start / 2.0**step


@pytest.mark.parametrize(
    "function",
    [
        lambda step: 0.1 * 0.9**step,
        lambda step: np.interp(step, [0, 5], [1, 0]),
        lambda step: 0.1 if step < 5 else 0.01,  # cannot take arrays
        lambda step: [1.0, 0.5, 0.25][min(step // 4, 2)],
        lambda step: 0.3,
        ExponentialDecay(0.1, 4, 0.5),
        Halving(0.1),
    ],
)
def test_functions_of_the_step(function):
    """Row 71."""
    values = as_schedule(function)(EPOCHS, STEPS)
    np.testing.assert_allclose(values, [[function(step) for step in row] for row in STEPS.tolist()], rtol=1e-12)


def test_schedules_over_the_whole_training_are_told_its_length():
    np.testing.assert_array_equal(as_schedule(OneCycle(1.0), 12)(EPOCHS, STEPS), OneCycle(1.0, 12)(STEPS))


def test_a_function_that_gives_no_number():
    with pytest.raises(ValueError, match=r"must return a number.*returned None at step 0"):
        as_schedule(lambda step: None)(EPOCHS, STEPS)


def test_schedules_are_equal_by_their_configuration():
    schedule = ExponentialDecay(0.1, 4, 0.5, staircase=True)
    assert ExponentialDecay.from_config(schedule.get_config()) == schedule
    assert schedule != ExponentialDecay(0.1, 4, 0.5)
    assert Halving(1.0) == Halving(1.0)


def test_a_subclass_must_be_callable():
    with pytest.raises(NotImplementedError, match="must define __call__"):
        LearningRateSchedule()(0)


def test_a_function_without_arguments_is_asked_once():
    asked = []

    def rate():
        asked.append(True)
        return 0.5

    np.testing.assert_array_equal(as_schedule(rate)(EPOCHS, STEPS), np.full((3, 4), 0.5))
    assert len(asked) == 1
    with pytest.raises(ValueError, match="must return a number"):
        as_schedule(lambda: "fast")(EPOCHS, STEPS)
