"""Losses are recipes: equal by their parameters."""

import pytest

from lamina import losses
from lamina.errors import InvalidParameter


def test_losses_are_equal_by_their_numbers():
    assert losses.Huber(2.0) == losses.Huber(2.0, name="other")
    assert hash(losses.Quantile([0.1, 0.9])) == hash(losses.Quantile((0.1, 0.9)))
    assert losses.Huber(2.0) != losses.Huber()
    assert repr(losses.BinaryCrossentropy(label_smoothing=0.1)) == "BinaryCrossentropy(label_smoothing=0.1)"
    assert losses.Huber.from_config(losses.Huber(2.0).get_config()) == losses.Huber(2.0)


def test_a_subclass_as_one_writes_it_for_keras():
    class Capped(losses.Loss):
        def __init__(self, threshold=1.0, **kwargs):
            self.threshold = threshold
            super().__init__(**kwargs)

        def call(self, y_true, y_pred):
            return abs(y_true - y_pred).clip(max=self.threshold)

        def get_config(self):
            return {**super().get_config(), "threshold": self.threshold}

    assert float(Capped(2.0, name="capped")([[0.0], [0.0]], [[1.0], [9.0]])) == 1.5
    assert Capped(2.0) == Capped(2.0) != Capped()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: losses.Huber(0), "Huber expects delta to be a number above 0. Received delta=0"),
        (lambda: losses.Quantile(1), "quantile to be a number above 0 and below 1"),
        (lambda: losses.Quantile([]), "at least one quantile"),
        (lambda: losses.BinaryCrossentropy(label_smoothing=2), "label_smoothing"),
        (lambda: losses.CategoricalCrossentropy("softmax"), "from_logits to be True or False"),
        (lambda: losses.BinaryFocalCrossentropy(gamma=-1), "gamma"),
    ],
)
def test_numbers_out_of_range(make, said):
    with pytest.raises(InvalidParameter, match=said):
        make()
