"""Smoothed labels: by hand, and as the cross-entropies of Keras' kind smooth them."""

import numpy as np
import pytest

from lamina import losses
from lamina.losses import LOSSES, Smoothed

RNG = np.random.RandomState(0)
Z = RNG.randn(20, 3)
ONE_HOT = np.eye(3)[RNG.randint(0, 3, 20)]


def test_by_hand():
    """Row 91: of three classes with share 0.3, targets 0.8, 0.1, 0.1 and probabilities 0.5, 0.25, 0.25.

    0.8 ln 2 + 0.2 ln 4 = 1.2 ln 2.
    """
    z = np.log([[0.5, 0.25, 0.25]])
    loss = Smoothed(LOSSES["log_loss"], 0.3, 3)
    np.testing.assert_allclose(loss.per_row(np.array([[True, False, False]]), z), [1.2 * np.log(2)], rtol=1e-6)
    assert loss.link == loss.recipe().link == "softmax"


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_as_the_cross_entropies_smooth(share):
    """Row 91: float32 logarithms of sums of three, 1e-6."""
    categorical = losses.CategoricalCrossentropy(from_logits=True, label_smoothing=share)
    ours = Smoothed(LOSSES["log_loss"], share, 3).per_row(ONE_HOT, Z)
    np.testing.assert_allclose(ours, categorical.per_row(ONE_HOT, Z), rtol=1e-6)
    binary = losses.BinaryCrossentropy(from_logits=True, label_smoothing=share)
    ours = Smoothed(LOSSES["binary_log_loss"], share, 2).per_row(ONE_HOT[:, :1], Z[:, :1])
    np.testing.assert_allclose(ours, binary.per_row(ONE_HOT[:, :1], Z[:, :1]), rtol=1e-6)


def test_the_share_is_traced():
    one, other = Smoothed(LOSSES["log_loss"], 0.1, 3), Smoothed(LOSSES["log_loss"], 0.2, 3)
    assert one.recipe() == other.recipe()
    again = one.recipe().at({"label_smoothing": 0.2})
    np.testing.assert_array_equal(again.per_row(ONE_HOT, Z), other.per_row(ONE_HOT, Z))
