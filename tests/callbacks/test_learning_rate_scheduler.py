"""Learning rates from functions of one and of two arguments."""

import pytest

from lamina.callbacks import LearningRateScheduler
from lamina.errors import InvalidParameter


@pytest.mark.parametrize(
    "schedule", [lambda epoch: 0.1 * 0.5 ** (epoch + 1), lambda epoch, rate: rate / 2, lambda epoch, rate=0.0: rate / 2]
)
def test_schedules(run, schedule):
    """Row 71."""
    assert run(LearningRateScheduler(schedule), [{"loss": 1.0}] * 3) == pytest.approx([0.05, 0.025, 0.0125], rel=1e-12)


def test_says_what_it_does(run, capsys):
    run(LearningRateScheduler(lambda epoch: 1, verbose=1), [{"loss": 1.0}])
    assert capsys.readouterr().out == "Epoch 1: LearningRateScheduler setting learning rate to 1.0.\n"


@pytest.mark.parametrize("rate", [None, "fast", -1.0, float("nan")])
def test_what_is_no_learning_rate(run, rate):
    with pytest.raises(InvalidParameter, match=r"number of at least 0\. Received"):
        run(LearningRateScheduler(lambda epoch: rate), [{"loss": 1.0}])
