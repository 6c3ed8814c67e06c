"""Random numbers inside compiled code: a keyed hash of a counter, far cheaper on a CPU than JAX's own generator.

Number i of a seed (a, b) is ``h(i)`` with the rounds of Chris Wellons' `lowbias32` (2018, found by search over integer
hashes of two multiplications), whose second round is keyed too::

    x = i ^ a;  x ^= x >> 16;  x *= 0x7feb352d;  x ^= b;  x ^= x >> 15;  x *= 0x846ca68b;  x ^= x >> 16

XLA fuses it into whatever uses the number. It is good for dropout and the like, and not for cryptography.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np

_FIRST, _SECOND = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)
_GOLDEN = np.uint32(0x9E3779B9)


def _hash(x, a, b):
    x = x ^ a
    x = (x ^ (x >> np.uint32(16))) * _FIRST
    x = x ^ b
    x = (x ^ (x >> np.uint32(15))) * _SECOND
    return x ^ (x >> np.uint32(16))


def fold(seed: jax.Array, number) -> jax.Array:
    """The seed of a part: of an epoch, a step, a layer. `seed` and the result are uint32 arrays of shape (2,)."""
    number = jnp.asarray(number).astype(jnp.uint32)
    a = _hash(number, seed[0], seed[1])
    return jnp.stack([a, _hash(number + _GOLDEN, seed[1], a)])


def bits(seed: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """Uniform 32-bit numbers of the given shape.

    Seeds that differ in a few bits give similar numbers until they have been through `fold`, as a layer's have.
    """
    counter = jax.lax.iota(jnp.uint32, math.prod(shape)).reshape(shape)
    return _hash(counter, seed[0], seed[1])


def bernoulli(seed: jax.Array, probability, shape: tuple[int, ...]) -> jax.Array:
    """True with the given probability (to 32 bits), False otherwise."""
    return bits(seed, shape) < (jnp.asarray(probability, jnp.float32) * np.float32(2**32)).astype(jnp.uint32)


def uniform(seed: jax.Array, shape: tuple[int, ...], dtype=jnp.float32) -> jax.Array:
    """Uniform on (0, 1): the middles of 2^23 equal steps. With one bit more, float32 rounds the last middle to 1."""
    return ((bits(seed, shape) >> np.uint32(9)).astype(jnp.float32) + 0.5).astype(dtype) * 2.0**-23


def normal(seed: jax.Array, shape: tuple[int, ...], dtype=jnp.float32) -> jax.Array:
    """Standard normal, through the inverse of its distribution function: from -5.3 to 5.3."""
    return math.sqrt(2) * jax.lax.erf_inv(2 * uniform(seed, shape, dtype) - 1)
