"""What is read off the curve of the range test."""

import numpy as np
import pytest

from lamina.engine.learning_rate_range import LearningRateRange

RATES = np.geomspace(1e-6, 10, 200)


def curve(noise=0.0, offset=2.0):
    """A fall centred at 1e-3, and a blow-up that begins at about 0.1."""
    fall = 1 / (1 + (1e-3 / RATES) ** 1.5)
    losses = offset - fall + (RATES / 0.3) ** 2
    return losses + noise * np.random.RandomState(0).standard_normal(200)


@pytest.fixture(scope="module")
def found():
    return LearningRateRange(RATES, curve(), 200)


def test_suggestions_by_hand(found):
    """Row 70: the steepest place is the centre of the fall, the turning point where 98% of the fall is behind."""
    assert np.log10(found.steepest) == pytest.approx(-3, abs=0.1)
    lowest = curve().argmin()
    bar = curve()[0] - 0.98 * (curve()[0] - curve()[lowest])
    exact = RATES[np.flatnonzero(curve() <= bar)[0]]
    assert np.log10(found.turning_point) == pytest.approx(np.log10(exact), abs=0.15)
    assert found.suggestion == found.turning_point / 2
    assert found.below_blow_up == found.turning_point / 10
    assert found.max_rate_for_one_cycle == found.turning_point


def test_the_valley_is_the_longest_falling_sequence():
    """Row 70: neighbours or not; found by trying all sequences of a short curve."""
    losses = np.array([5.0, 6.0, 4.0, 4.5, 3.0, 3.5, 2.0, 8.0, 9.0])
    short = LearningRateRange(np.geomspace(1, 256, 9), losses, 1)  # a smoothing far narrower than a step
    np.testing.assert_allclose(short.smoothed, losses)
    chains = [[i for i in range(9) if number >> i & 1] for number in range(1, 512)]
    falling = [chain for chain in chains if (np.diff(losses[chain]) < 0).all()]
    longest = max(len(chain) for chain in falling)
    middles = {2.0 ** ((chain[0] + chain[-1]) // 2) for chain in falling if len(chain) == longest}
    assert round(short.valley, 9) in middles
    assert longest == 4


def test_noise_moves_them_little(found):
    noisy = LearningRateRange(RATES, curve(noise=0.05), 200)
    assert 1 / 3 < noisy.suggestion / found.suggestion < 3


def test_only_differences_matter(found):
    """Losses such as likelihoods may be negative."""
    moved = LearningRateRange(RATES[:180], curve(offset=-50.0)[:180], 200)
    assert moved.suggestion == pytest.approx(found.suggestion, rel=1e-6)


def test_what_has_blown_up_does_not_reach_back(found):
    losses = curve()
    losses[170:] = 1e30
    assert 0.5 < LearningRateRange(RATES, losses, 200).suggestion / found.suggestion <= 1


def test_plain_tree(found):
    tree = found.to_dict()
    assert tree["rates"] == RATES.tolist()
    assert tree["suggestion"] == found.suggestion
    assert {type(value) for value in tree.values()} == {list, float}
    assert "suggestion=0.0" in repr(found)
