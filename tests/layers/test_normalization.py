"""Normalisation: the closed-form gradient, frozen statistics, weights of rows, data seen beforehand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina.engine.precision import precision
from lamina.errors import DataError
from lamina.layers import BatchNormalization, Call, Normalization

WEIGHT = np.array([1, 2, 0.5, 1, 0, 0])


@pytest.mark.parametrize("rows", [None, WEIGHT], ids=["all", "padded"])
@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_closed_form_is_the_automatic_gradient(rows, shape):
    rng = np.random.RandomState(0)
    x, output = rng.randn(6, *shape) * 3 + 5, rng.randn(6, *shape)
    gamma, beta = rng.randn(3), rng.randn(3)
    counted = np.ones(6, bool) if rows is None else rows != 0
    layer = BatchNormalization(epsilon=0.01)
    state = {"moving_mean": np.zeros(3), "moving_variance": np.ones(3)}

    def ours(x, gamma, beta):
        return layer.run({"gamma": gamma, "beta": beta}, state, x, Call(True, rows=rows))[0]

    def by_definition(x, gamma, beta):
        axes = tuple(range(x.ndim - 1))
        mean, variance = x[counted].mean(axes), x[counted].var(axes)
        return gamma * (x - mean) / jnp.sqrt(variance + 0.01) + beta

    with precision("float64"):
        mask = counted.reshape(-1, *[1] * len(shape))  # padded rows have no outputs that anybody reads

        def total(function, *arguments):
            return jnp.sum(jnp.where(mask, function(*arguments) * output, 0))

        point = (x, gamma, beta)
        np.testing.assert_allclose(total(ours, *point), total(by_definition, *point), rtol=1e-12)
        for a, b in zip(*(jax.grad(total, (1, 2, 3))(f, *map(jnp.asarray, point)) for f in (ours, by_definition))):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_statistics_count_rows_once_whatever_their_weight():
    """A weight says how much a row's loss counts; only weight 0 takes a row out."""
    x = np.random.RandomState(0).randn(6, 3)
    layer = BatchNormalization(momentum=0.0)
    with precision("float64"):
        params, state, _ = layer.init(np.random.RandomState(0), (3,))
        _, after = layer.run(params, state, x, Call(True, rows=WEIGHT))
        np.testing.assert_allclose(after["moving_mean"], x[:4].mean(0), rtol=1e-12)
        np.testing.assert_allclose(after["moving_variance"], x[:4].var(0), rtol=1e-12)


def test_a_frozen_layer_uses_its_moving_averages():
    """Row 37."""
    x = np.random.RandomState(0).randn(6, 3).astype(np.float32)
    layer = BatchNormalization()
    params, state, _ = layer.init(np.random.RandomState(0), (3,))
    state = {"moving_mean": np.arange(3.0), "moving_variance": np.arange(3.0) + 1}
    frozen, after = layer.run(params, state, x, Call(True, frozen=True))
    predicted, _ = layer.run(params, state, x, Call(False))
    np.testing.assert_array_equal(frozen, predicted)
    assert after is state


def test_every_pixel_of_an_image_by_itself():
    """Row 33: as if the image were flat; the axes of its pixels are the axes of the features."""
    x = np.random.RandomState(0).rand(6, 4, 3).astype(np.float32) * 9
    pixels, flat = BatchNormalization(axis=[1, 2]), BatchNormalization()
    for training in (True, False):
        expected = np.reshape(flat(x.reshape(6, 12), training), (6, 4, 3))
        np.testing.assert_array_equal(pixels(x, training), expected)
    assert [weight.shape for weight in pixels.weights] == [(4, 3)] * 4


def test_a_batch_without_rows_stays_finite():
    layer = BatchNormalization()
    params, state, _ = layer.init(np.random.RandomState(0), (3,))
    y, _ = layer.run(params, state, np.ones((2, 3), np.float32), Call(True, rows=np.zeros(2)))
    assert np.isfinite(y).all()


def test_normalization_needs_data_first():
    with pytest.raises(DataError, match=r"Call layer\.adapt"):
        Normalization()(np.zeros((1, 2)))
    with pytest.raises(DataError, match="both mean and variance"):
        Normalization(mean=1.0)


def test_normalization_says_which_data_it_cannot_take():
    layer = Normalization()
    with pytest.raises(DataError, match="NaN in column 1"):
        layer.adapt([[0.0, np.nan]])
    with pytest.raises(DataError, match=r"adapt\(data\[:, None\]\)"):
        layer.adapt([0.0, 1.0])
    layer.adapt([[0.0, 1.0], [1.0, 2.0]])
    with pytest.raises(DataError, match=r"statistics of shape \(2,\) for features of shape \(3,\)"):
        layer(np.zeros((1, 3)))
