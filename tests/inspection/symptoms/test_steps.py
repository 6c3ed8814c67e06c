"""Steps that are too large, too small or too few."""

import numpy as np
import pytest

from lamina.inspection.symptoms.steps import (
    diverged,
    learning_rate_right,
    learning_rate_too_high,
    learning_rate_too_low,
    not_enough_epochs,
)

SMALL, USUAL, LARGE = (np.full((11, 3), ratio) for ratio in (1e-5, 0.002, 0.1))
FALLING, JUMPING = np.geomspace(1, 0.05, 10), np.array([1, 2] * 5)


@pytest.mark.parametrize(
    ("ratio", "loss", "skill", "expected"),
    [
        (USUAL, FALLING, 0.95, [learning_rate_right]),
        (LARGE, JUMPING, 0.95, [learning_rate_too_high]),
        (LARGE, FALLING, 0.95, [learning_rate_right]),  # large steps that do no harm
        (USUAL, JUMPING, 0.5, []),
        (SMALL, FALLING, 0.5, [learning_rate_too_low]),
        (SMALL, FALLING, 0.95, [learning_rate_right]),  # at the end of a schedule, for example
    ],
)
def test_rates(record, ratio, loss, skill, expected):
    """The size of steps alone is no illness; and never two findings about the rate at once."""
    training = record({"update_ratio": ratio}, train_skill=skill)
    training.history["loss"] = loss
    rates = (learning_rate_too_high, learning_rate_too_low, learning_rate_right)
    assert [symptom for symptom in rates if list(symptom(training))] == expected


def test_one_step_that_throws_the_weights_away(record):
    """Adam's first steps have the size of its rate; layers that start at 0 do not count."""
    ratio = USUAL.copy()
    ratio[1, 0] = 2.0
    (finding,) = learning_rate_too_high(record({"update_ratio": ratio}))
    assert finding.evidence["largest_update_ratio"] == 2.0
    assert finding.remedies[0].changes == {"learning_rate_init": 0.0001}
    weights = np.full((11, 3), 5.0)
    weights[0, 0] = 0.0
    assert list(learning_rate_too_high(record({"update_ratio": ratio, "weight_norm": weights}))) == []


def test_epochs(record):
    """A good gain in the last fifth of the epochs, unless the training stopped of its own accord."""
    rising = 1 - np.geomspace(1, 0.5, 10)
    (finding,) = not_enough_epochs(record(val_curve=rising))
    np.testing.assert_allclose(finding.evidence["late_gain"], rising[9] - rising[7])
    assert finding.remedies[0].changes == {"max_iter": 50}
    assert list(not_enough_epochs(record(val_curve=rising, planned_epochs=100))) == []
    assert list(not_enough_epochs(record(val_curve=np.full(10, 0.9)))) == []


def test_divergence(record):
    (finding,) = diverged(record(diverged=True))
    assert finding.remedies[0].changes == {"learning_rate_init": 0.0001, "clipnorm": 1.0}
    assert list(diverged(record())) == []
    assert list(learning_rate_too_high(record({"update_ratio": LARGE}, diverged=True))) == []


def test_a_model_without_parameters_gets_advice_alone(record):
    (finding,) = diverged(record(diverged=True, settings={}))
    assert not finding.remedies[0].changes


def test_layers_that_learned_before_need_not_go_far(record):
    ratio = np.full((11, 3), 1e-5)
    ratio[:, 2] = 0.01  # the new layer
    slow = {"flow": {"update_ratio": ratio}, "train_skill": 0.8}
    assert [finding.code for finding in learning_rate_too_low(record(**slow))] == ["learning_rate_too_low"]
    assert not list(learning_rate_too_low(record(**slow, learned_before=("dense_0", "dense_1"))))
