"""Learning rates from functions of one and of two arguments."""

import pytest

from lamina.callbacks import LearningRateScheduler
from lamina.errors import InvalidParameter
from lamina.optimizers.schedules import ExponentialDecay


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


def test_a_rate_that_follows_a_schedule(run, model):
    """Said before the first epoch, and the schedule stays."""
    model.optimizer.learning_rate = schedule = ExponentialDecay(0.1, 10, 0.5)
    with pytest.raises(InvalidParameter, match=r"follows ExponentialDecay.*Use one of the two"):
        run(LearningRateScheduler(lambda epoch: 0.1), [{"val_loss": 1.0}])
    assert model.optimizer.learning_rate is schedule
