"""The root mean square of any axis."""

import numpy as np

from lamina.layers import RMSNormalization

X = np.random.RandomState(0).randn(5, 3, 4).astype(np.float32)


def test_by_hand_along_any_axis():
    """Row 35."""
    for axis in (1, 2, -1):
        layer = RMSNormalization(axis, epsilon=0.0)
        layer.build(X.shape[1:])
        size = X.shape[axis]
        layer.set_weights([np.arange(1.0, size + 1)])
        factors = np.arange(1.0, size + 1).reshape((1, size, 1) if axis == 1 else (1, 1, size))
        expected = factors * X / np.sqrt((X.astype(float) ** 2).mean(axis, keepdims=True))
        np.testing.assert_allclose(layer(X), expected, rtol=1e-5)
