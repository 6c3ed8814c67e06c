"""Images of another size, against SciPy."""

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from lamina.errors import DataError, InvalidParameter
from lamina.reuse import ResizeImages


def test_linear_interpolation():
    """Between the centres of pixels, the outermost ones going on to the border: SciPy's linear interpolation."""
    image = np.random.RandomState(0).rand(4, 5)
    new = [np.clip((np.arange(2 * n) + 0.5) / 2 - 0.5, 0, n - 1) for n in image.shape]
    grid = np.stack(np.meshgrid(*new, indexing="ij"), axis=-1)
    expected = RegularGridInterpolator([np.arange(n) for n in image.shape], image)(grid)
    resized = ResizeImages((4, 5), (8, 10)).fit_transform(image.reshape(1, -1))
    np.testing.assert_allclose(resized.reshape(8, 10), expected, rtol=1e-6)  # JAX computes in float32


def test_halving_has_no_gaps():
    """A smaller image is a mean of neighbours, weighted by a triangle: (1, 3, 3, 1) / 8, or (3, 3, 1) / 7 at an end."""
    resized = ResizeImages((1, 6), (1, 3)).fit_transform([[0.0, 0, 8, 0, 0, 0]])
    np.testing.assert_allclose(resized, [[8 / 7, 3, 0]], rtol=1e-6)


def test_same_size_and_shapes():
    """Channels stay; rows may be flat or images; float32 stays float32."""
    images = np.random.RandomState(0).rand(2, 3, 3, 2).astype(np.float32)
    same = ResizeImages((3, 3, 2), (3, 3, 2)).fit(images)
    np.testing.assert_allclose(same.transform(images), images.reshape(2, -1), rtol=1e-6)
    larger = ResizeImages((3, 3, 2), (6, 3, 2)).fit(images)
    assert larger.transform(images.reshape(2, -1)).dtype == np.float32
    assert larger.set_output(transform="pandas").transform(images).shape == (2, 36)


@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        (((4, 4), (8, 8, 1)), InvalidParameter, "changes height and width alone"),
        ((16, (8, 8)), InvalidParameter, "given to be a size such as .28, 28.*Received given=16"),
        (((4, 4), (0, 8)), InvalidParameter, "wanted to be a size"),
        (((5, 5), (8, 8)), DataError, "5 x 5 have 25 pixels, but the rows have 16 columns"),
    ],
)
def test_wrong_sizes(sizes, error, message):
    with pytest.raises(error, match=message):
        ResizeImages(*sizes).fit(np.zeros((2, 16)))
