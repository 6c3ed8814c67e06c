"""Swap noise: how many cells, from which rows. Bounds are five standard errors."""

import numpy as np
import pytest

from lamina.errors import DataError, InvalidParameter
from lamina.layers import Call, SwapNoise

N, COLUMNS = 500, 40
#: every cell is different from all others, and says where it comes from
CELLS = np.arange(N * COLUMNS, dtype=np.float32).reshape(N, COLUMNS)


def _swapped(layer, x=CELLS, seed=(1, 2), **call):
    return np.asarray(layer.run({}, {}, x, Call(True, np.array(seed, np.uint32), hyper=layer.hyper(), **call))[0])


def test_share_of_cells_and_their_columns():
    """Row 101: swapped cells are as many as the rate says, and hold what another row has in their column."""
    y = _swapped(SwapNoise(0.2))
    changed = y != CELLS
    assert abs(changed.mean() - 0.2) < 5 * np.sqrt(0.2 * 0.8 / y.size)
    np.testing.assert_array_equal(y % COLUMNS, CELLS % COLUMNS)
    donors = (y[changed] // COLUMNS).astype(int)
    counts = np.bincount(donors, minlength=N)
    assert abs(counts.mean() - counts.var()) < 5 * counts.mean() * np.sqrt(2 / N)  # evenly: Poisson's variance


def test_cells_of_a_row_come_from_different_rows():
    y = _swapped(SwapNoise(0.9))
    donors = y[0] // COLUMNS
    assert len(np.unique(donors)) > COLUMNS / 2


def test_rows_that_weigh_nothing_give_nothing():
    weight = np.ones(N, np.float32)
    weight[3::2] = 0
    y = _swapped(SwapNoise(0.5), rows=weight)
    donors = (y[weight != 0] // COLUMNS).astype(int)
    assert (weight[donors] != 0).all()


def test_a_row_that_is_alone_stays_as_it_is():
    np.testing.assert_array_equal(_swapped(SwapNoise(0.9), CELLS[:1]), CELLS[:1])
    np.testing.assert_array_equal(_swapped(SwapNoise(0.9), CELLS[:2], rows=np.array([1, 0], np.float32))[0], CELLS[0])


def test_two_rows_swap_with_each_other():
    y = _swapped(SwapNoise(0.5), CELLS[:2])
    np.testing.assert_array_equal(np.where(y == CELLS[:2], CELLS[:2], CELLS[1::-1]), y)


def test_columns_of_one_width_go_together():
    y = _swapped(SwapNoise(0.3, widths=(1, 3, 36)))
    rows = y // COLUMNS
    assert (rows[:, 1:4] == rows[:, 1:2]).all()
    assert (rows[:, 4:] == rows[:, 4:5]).all()
    assert (rows[:, 0] != rows[:, 1]).any()


def test_only_training_is_noisy():
    layer = SwapNoise(0.5)
    np.testing.assert_array_equal(layer.run({}, {}, CELLS, Call(False))[0], CELLS)


def test_mistakes():
    with pytest.raises(DataError, match="widths of 3 columns in all, but its inputs 4"):
        SwapNoise(0.1, widths=(1, 2)).init(np.random.RandomState(0), (4,))
    with pytest.raises(InvalidParameter, match="rate"):
        SwapNoise(1.0)
