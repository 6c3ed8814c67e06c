"""Initializers that do not look at the layer's size."""

import numpy as np
import pytest
from scipy import stats

from lamina import initializers
from lamina.errors import DataError


def test_orthogonal_matrices():
    for shape in ((5, 3), (3, 5), (2, 2, 3)):
        q = initializers.Orthogonal(gain=2.0).draw(np.random.RandomState(0), shape, (1, 1))
        assert q.shape == shape
        q = q.reshape(-1, shape[-1]) / 2
        small = q.T @ q if q.shape[0] >= q.shape[1] else q @ q.T
        np.testing.assert_allclose(small, np.eye(len(small)), atol=1e-12)


def test_truncated_normal_is_one():
    """Kolmogorov-Smirnov against the distribution cut off at two deviations; the seed is fixed."""
    drawn = initializers.TruncatedNormal(mean=1.0, stddev=0.5).draw(np.random.RandomState(0), (10_000,), (1, 1))
    assert stats.kstest((drawn - 1) / 0.5, stats.truncnorm(-2, 2).cdf).pvalue > 0.01


def test_a_seed_makes_every_draw_the_same():
    one = initializers.HeNormal(seed=1)
    np.testing.assert_array_equal(one(shape=(3, 2)), one(shape=(3, 2)))
    again = initializers.HeNormal()
    assert (again(shape=(3, 2)) != again(shape=(3, 2))).any()


@pytest.mark.parametrize(("name", "shape"), [("identity", (3,)), ("orthogonal", (3,))])
def test_wrong_number_of_axes(name, shape):
    with pytest.raises(DataError, match="Received the shape"):
        initializers.get(name)(shape)
