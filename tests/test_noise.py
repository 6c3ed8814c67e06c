"""The noise generator: uniform, and independent in every direction in which networks use it.

Counts and correlations are of fixed seeds, so that a test cannot fail by chance. n numbers that are independent have a
correlation with a standard deviation of 1 / sqrt(n); bounds are 5 of those where many pairs are looked at.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from lamina import noise

N = 1 << 18
SEEDS = [(0, 0), (1, 0), (0, 1), (2**32 - 1, 2**32 - 1), (123, 456)]
BOUND = 5 / np.sqrt(N)


def _seed(*pair):
    return jnp.array(pair, jnp.uint32)


def _uniform(seed, shape=(N,)):
    return np.asarray(noise.uniform(seed, shape), np.float64)


def _correlation(a, b):
    return abs(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize("pair", SEEDS)
def test_every_byte_is_uniform(pair):
    """Chi-square over 256 values, for each of the four bytes; four bytes of five seeds make 20 looks at 1 in 2000."""
    numbers = np.asarray(noise.bits(_seed(*pair), (N,)))
    for byte in range(4):
        counts = np.bincount((numbers >> (8 * byte)) & 255, minlength=256)
        assert stats.chisquare(counts).pvalue > 5e-4


@pytest.mark.parametrize("pair", SEEDS)
def test_moments(pair):
    """Standard errors: of a mean, the deviation / sqrt(N); of the normal's variance, sqrt(2 / N)."""
    seed = _seed(*pair)
    u, z = _uniform(seed), np.asarray(noise.normal(seed, (N,)), np.float64)
    assert abs(u.mean() - 0.5) < 4 * np.sqrt(1 / 12 / N)
    np.testing.assert_allclose(u.var(), 1 / 12, rtol=0.01)
    assert 0 < u.min() < u.max() < 1
    assert abs(z.mean()) < 4 / np.sqrt(N)
    assert abs(z.var() - 1) < 4 * np.sqrt(2 / N)
    assert stats.kstest(z, "norm").pvalue > 1e-3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_ends_stay_inside(monkeypatch, dtype):
    """The smallest and the largest 32 bits: 0 and 1 would make the normal infinite, once in millions of numbers."""
    monkeypatch.setattr(noise, "bits", lambda seed, shape: jnp.array([0, 2**32 - 1], jnp.uint32))
    with jax.enable_x64(dtype == "float64"):
        low, high = np.asarray(noise.uniform(None, (2,), dtype), np.float64)
        assert low == 2.0**-24
        assert high == 1 - 2.0**-24
        z = np.asarray(noise.normal(None, (2,), dtype), np.float64)
    np.testing.assert_allclose(z, [stats.norm.ppf(low), stats.norm.ppf(high)], rtol=1e-6)  # float32's digits


@pytest.mark.parametrize("probability", [0.0, 0.001, 0.3, 0.5, 0.999])
def test_bernoulli_has_its_probability(probability):
    share = float(noise.bernoulli(_seed(1, 2), probability, (N,)).mean())
    assert abs(share - probability) <= 4 * np.sqrt(probability * (1 - probability) / N)


@pytest.mark.parametrize("lag", [1, 2, 3, 64, 100, 128, 784, 1024])
def test_numbers_of_one_seed_are_independent(lag):
    """Neighbours in a row (lag 1), and the same column in neighbouring rows (lag = the width of a layer)."""
    u = _uniform(_seed(5, 6))
    assert _correlation(u[lag:], u[:-lag]) < BOUND


def test_steps_layers_and_epochs_are_independent():
    """As the engine folds them: seed of the epoch, of the step, of the layer. All pairs of 2 · 3 · 4 streams."""
    streams = [
        _uniform(noise.fold(noise.fold(noise.fold(_seed(1, 2), epoch), step), layer))
        for epoch in range(2)
        for step in range(3)
        for layer in range(4)
    ]
    correlations = np.abs(np.corrcoef(streams)) - np.eye(len(streams))
    assert correlations.max() < BOUND


@pytest.mark.parametrize("first", [(0, 0), (7, 7), (2**31, 5)])
def test_adjacent_seeds_are_independent(first):
    """Seeds that differ by one or in one bit, once they are folded as every seed in the engine is."""
    here, (a, b) = _uniform(noise.fold(_seed(*first), 0)), first
    others = [((a + 1) % 2**32, b), (a, b + 1), (a + 1, b + 1), *((a ^ (1 << k), b) for k in (4, 16, 31))]
    others += [(a, b ^ (1 << k)) for k in (4, 16, 31)]
    for other in others:
        assert _correlation(here, _uniform(noise.fold(_seed(*other), 0))) < BOUND


def test_one_bit_of_the_seed_changes_half_of_the_bits():
    """The avalanche: 32 bits of 4096 numbers are 131,072 flips with a standard error of 0.0014; 64 looks."""
    here = np.asarray(noise.bits(noise.fold(_seed(3, 4), 0), (4096,)))
    for k in range(64):
        other = [3, 4]
        other[k // 32] ^= 1 << (k % 32)
        changed = here ^ np.asarray(noise.bits(noise.fold(_seed(*other), 0), (4096,)))
        assert abs(np.unpackbits(changed.view(np.uint8)).mean() - 0.5) < 0.007


def test_folded_seeds_do_not_collide():
    """100,000 pairs of 64 bits: a collision has a chance of 3e-10."""
    seeds = jax.vmap(lambda number: noise.fold(_seed(1, 2), number))(jnp.arange(100_000))
    assert len(np.unique(np.asarray(seeds), axis=0)) == 100_000


def test_a_member_gets_the_same_bits_as_alone():
    seeds = jnp.arange(10, dtype=jnp.uint32).reshape(5, 2)
    draw = jax.jit(lambda seed: noise.bits(noise.fold(seed, 3), (7, 11)))
    together = jax.vmap(draw)(seeds)
    for k in range(5):
        np.testing.assert_array_equal(together[k], draw(seeds[k]))


def test_rows_keep_their_noise_when_more_follow():
    """So that padding a batch changes nothing for the rows that are there."""
    np.testing.assert_array_equal(noise.bits(_seed(1, 2), (9, 5))[:4], noise.bits(_seed(1, 2), (4, 5)))
