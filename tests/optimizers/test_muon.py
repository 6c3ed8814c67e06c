"""Muon's steps are nearly orthogonal, and only matrices take them."""

import jax
import numpy as np
import pytest

from lamina.optimizers import Muon
from lamina.optimizers.muon import orthogonalize


@pytest.mark.parametrize("shape", [(20, 7), (7, 20), (5, 5)])
def test_singular_values_come_near_1(shape):
    """Row 56. The quintic trades exactness for speed: its authors give 0.7 to 1.2."""
    g = np.random.RandomState(0).randn(*shape).astype(np.float32)
    x = np.asarray(orthogonalize(g, 8))
    values = np.linalg.svd(x, compute_uv=False)
    assert values.min() > 0.6
    assert values.max() < 1.3
    assert np.sum(x * g) > 0.9 * np.linalg.svd(g, compute_uv=False).sum() * values.min()


def test_who_is_trained_by_adam():
    shapes = {"dense": {"kernel": (4, 3), "bias": (3,)}, "embedding": {"table": (9, 4)}, "output": {"kernel": (3, 2)}}
    params = {layer: {name: np.zeros(s, np.float32) for name, s in ws.items()} for layer, ws in shapes.items()}
    chosen = jax.tree_util.tree_map_with_path(Muon(exclude_layers=["output"]).is_matrix, params)
    assert chosen == {
        "dense": {"kernel": True, "bias": False},
        "embedding": {"table": False},
        "output": {"kernel": False},
    }
