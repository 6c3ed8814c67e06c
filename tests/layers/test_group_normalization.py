"""Groups of features: their special cases, and numbers of groups that cannot be."""

import numpy as np
import pytest

from lamina.errors import DataError, InvalidParameter
from lamina.layers import GroupNormalization, LayerNormalization

X = np.random.RandomState(0).randn(5, 6).astype(np.float32) * 3 + 1


def test_one_group_is_layer_normalisation():
    """Row 35."""
    np.testing.assert_allclose(GroupNormalization(1)(X), LayerNormalization()(X), rtol=1e-5, atol=1e-6)


def test_groups_that_do_not_divide_the_features():
    with pytest.raises(DataError, match=r"the 6 features.*Choose groups from \[1, 2, 3, 6\], or -1"):
        GroupNormalization(4)(X)
    with pytest.raises(DataError, match="cannot divide"):
        GroupNormalization()(X)
    with pytest.raises(InvalidParameter, match="groups to be a whole number at least 1 or -1"):
        GroupNormalization(0)
