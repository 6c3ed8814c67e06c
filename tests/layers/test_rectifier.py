"""Rectifiers: random slopes, shared slopes, older spellings."""

import numpy as np
import pytest

from lamina.errors import DataError, InvalidParameter
from lamina.layers import LeakyReLU, PReLU, ReLU, RReLU


def test_random_slopes_are_uniform_between_their_bounds():
    """Row 17. Of 100,000 slopes the mean is known to 0.0002, the variance to 0.00001; five of each are allowed."""
    slopes = -np.asarray(RReLU(0.1, 0.3)(-np.ones((1000, 100), np.float32), training=True))
    assert slopes.min() >= 0.1
    assert slopes.max() <= 0.3
    assert abs(slopes.mean() - 0.2) < 0.001
    assert abs(slopes.var() - 0.2**2 / 12) < 5e-5


def test_older_spelling_of_the_slope():
    """Row 15."""
    assert LeakyReLU(alpha=0.1) == LeakyReLU(negative_slope=0.1)


def test_shared_slopes():
    """Row 16."""
    params, _, _ = PReLU(shared_axes=(1, 2)).init(np.random.RandomState(0), (5, 4, 3))
    assert params["alpha"].shape == (1, 1, 3)
    with pytest.raises(DataError, match="numbered from 1 to 1"):
        PReLU(shared_axes=2).init(np.random.RandomState(0), (5,))


@pytest.mark.parametrize("make", [lambda: ReLU(max_value=-1), lambda: LeakyReLU(-0.1), lambda: RReLU(0.5, 0.1)])
def test_bounds(make):
    with pytest.raises(InvalidParameter):
        make()
