"""The loss of a table's columns, by hand."""

import jax
import numpy as np
import pytest

from lamina.losses import MixedColumns

LOSS = MixedColumns([("number", 2), ("boolean", 1), ("category", 3), ("category", 2)])
#: known; a number, a truth and a category missing; nothing known
Y = np.array(
    [
        [0.5, -1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0],
        [0.5, np.nan, np.nan, 0.0, 0.0, 0.0, 0.0, 1.0],
        [np.nan, np.nan, np.nan, 0.0, 0.0, 0.0, 0.0, 0.0],
    ],
    np.float32,
)
Z = np.random.RandomState(0).randn(3, 8).astype(np.float32)


def _by_hand(y, z):
    costs = [(y[i] - z[i]) ** 2 for i in (0, 1)]
    p = 1 / (1 + np.exp(-z[2]))
    costs.append(-y[2] * np.log(p) - (1 - y[2]) * np.log(1 - p))
    for block in (slice(3, 6), slice(6, 8)):
        shares = np.exp(z[block]) / np.exp(z[block]).sum()
        costs.append(-np.log(shares[y[block] == 1][0]) if y[block].any() else np.nan)
    return np.nanmean(costs) if not np.isnan(costs).all() else 0.0


def test_mean_of_the_known_columns_by_hand():
    """Row 101. Tolerance: float32."""
    np.testing.assert_allclose(LOSS.per_row(Y, Z), [_by_hand(y, z) for y, z in zip(Y, Z)], rtol=1e-5)


def test_missing_cells_have_no_gradient():
    grads = np.asarray(jax.grad(lambda z: LOSS.per_row(Y, z).sum())(Z))
    assert np.isfinite(grads).all()
    unknown = np.isnan(Y)
    unknown[1:, 3:6] = unknown[2, 6:] = True
    np.testing.assert_array_equal(grads == 0, unknown)


def test_predictions_are_numbers_and_probabilities():
    p = np.asarray(LOSS.link(Z))
    np.testing.assert_array_equal(p[:, :2], Z[:, :2])
    np.testing.assert_allclose(p[:, 2], 1 / (1 + np.exp(-Z[:, 2])), rtol=1e-6)
    np.testing.assert_allclose(p[:, 3:6].sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(p[:, 6:].sum(axis=1), 1, rtol=1e-6)


def test_equal_blocks_share_a_program():
    again = MixedColumns([("number", 2), ("boolean", 1), ("category", 3), ("category", 2)]).recipe()
    assert again == LOSS.recipe()
    assert hash(again) == hash(LOSS.recipe())
    assert again.link(Z).shape == Z.shape


def test_mistakes():
    with pytest.raises(ValueError, match="blocks"):
        MixedColumns("number")
