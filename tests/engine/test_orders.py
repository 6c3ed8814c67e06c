"""Row orders follow scikit-learn's stream."""

import numpy as np
from sklearn.utils import shuffle

from lamina.engine.orders import Orders


def test_orders_equal_scikit_learns_shuffle():
    ours, rng, rows = (
        Orders(np.arange(20), np.random.RandomState(0), shuffle=True),
        np.random.RandomState(0),
        np.arange(20),
    )
    for order in ours.take(4):
        rows = shuffle(rows, random_state=rng)
        np.testing.assert_array_equal(order, rows)


def test_keep_takes_back_what_was_not_used():
    drawn = Orders(np.arange(20), np.random.RandomState(0), shuffle=True)
    drawn.take(5)
    drawn.keep(2)
    careful = Orders(np.arange(20), np.random.RandomState(0), shuffle=True)
    careful.take(2)
    np.testing.assert_array_equal(drawn.take(1), careful.take(1))


def test_without_shuffling_rows_stay():
    assert Orders(np.arange(3), np.random.RandomState(0), shuffle=False).take(1)[0].tolist() == [0, 1, 2]
