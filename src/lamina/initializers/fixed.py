"""Initializers that do not look at the layer's size."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr, ndtri

from lamina.checks import Number, check_value
from lamina.errors import DataError
from lamina.initializers.base import INITIALIZERS, Initializer, Shape


@INITIALIZERS.register("constant", "Constant")
class Constant(Initializer):
    """The same value everywhere.

    Parameters
    ----------
    value : float, default=0.0
        The value.

    Examples
    --------
    >>> Constant(2.0)(shape=(2,)).tolist()
    [2.0, 2.0]
    """

    def __init__(self, value: float = 0.0) -> None:
        self.value = value

    def draw(self, rng, shape, fans):
        return np.full(shape, self.value, np.float64)


@INITIALIZERS.register("zeros", "zero", "Zeros")
class Zeros(Initializer):
    """All 0."""

    def draw(self, rng, shape, fans):
        return np.zeros(shape)


@INITIALIZERS.register("ones", "one", "Ones")
class Ones(Initializer):
    """All 1."""

    def draw(self, rng, shape, fans):
        return np.ones(shape)


@INITIALIZERS.register("identity", "Identity")
class Identity(Initializer):
    """The identity matrix (for matrices only), times a factor.

    Parameters
    ----------
    gain : float, default=1.0
        The factor.

    Examples
    --------
    >>> Identity()(shape=(2, 2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def draw(self, rng, shape, fans):
        if len(shape) != 2:
            raise DataError(
                f"Identity draws matrices only. Received the shape {shape}. Use Orthogonal for more axes, Ones for one."
            )
        return self.gain * np.eye(*shape)


@INITIALIZERS.register("orthogonal", "Orthogonal")
class Orthogonal(Initializer):
    """A random matrix with orthonormal columns (rows, if it is wider than high), times a factor.

    Axes before the last are taken as one.

    Parameters
    ----------
    gain : float, default=1.0
        The factor.
    seed : int, optional
        Of a generator of its own; without it the model's is used.

    References
    ----------
    Saxe et al. (2014), Exact solutions to the nonlinear dynamics of learning in deep linear neural networks.

    Examples
    --------
    >>> q = Orthogonal(seed=0)(shape=(5, 3))
    >>> bool(np.allclose(q.T @ q, np.eye(3), atol=1e-6))
    True
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        self.gain = gain
        self.seed = seed

    def draw(self, rng, shape, fans):
        if len(shape) < 2:
            raise DataError(
                f"Orthogonal needs at least two axes. Received the shape {shape}. Use RandomNormal for one axis."
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        normal = self._generator(rng).normal(size=(max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(normal)
        q *= np.sign(np.diag(r))  # without it the matrices would not be uniformly distributed
        return self.gain * (q if rows >= columns else q.T).reshape(shape)


@INITIALIZERS.register("random_normal", "normal", "RandomNormal")
class RandomNormal(Initializer):
    """Normal with given mean and standard deviation, whatever the layer's size.

    Parameters
    ----------
    mean, stddev : float, default=0.0, 0.05
        Of the distribution.
    seed : int, optional
        Of a generator of its own; without it the model's is used.

    Examples
    --------
    >>> RandomNormal(stddev=0.0)(shape=(2,)).tolist()
    [0.0, 0.0]
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean = mean
        self.stddev = check_value(type(self).__name__, "stddev", stddev, Number(0))
        self.seed = seed

    def draw(self, rng, shape, fans):
        return self._generator(rng).normal(self.mean, self.stddev, shape)


@INITIALIZERS.register("truncated_normal", "TruncatedNormal")
class TruncatedNormal(RandomNormal):
    """Normal, cut off at two standard deviations (and so 12% narrower than `stddev` says).

    Parameters
    ----------
    mean, stddev : float, default=0.0, 0.05
        Of the distribution before the cut.
    seed : int, optional
        Of a generator of its own; without it the model's is used.

    Examples
    --------
    >>> bool(abs(TruncatedNormal(stddev=1.0)(shape=(1000,))).max() <= 2)
    True
    """

    def draw(self, rng, shape, fans):
        return self.mean + self.stddev * truncated(self._generator(rng), shape)


@INITIALIZERS.register("random_uniform", "uniform", "RandomUniform")
class RandomUniform(Initializer):
    """Uniform between two values, whatever the layer's size.

    Parameters
    ----------
    minval, maxval : float, default=-0.05, 0.05
        The bounds.
    seed : int, optional
        Of a generator of its own; without it the model's is used.

    Examples
    --------
    >>> bool(abs(RandomUniform()(shape=(1000,))).max() <= 0.05)
    True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval = minval
        self.maxval = maxval
        self.seed = seed

    def draw(self, rng, shape, fans):
        return self._generator(rng).uniform(self.minval, self.maxval, shape)


def truncated(rng: np.random.RandomState, shape: Shape) -> np.ndarray:
    """Standard normal numbers cut off at ±2, one uniform number each, through the inverse distribution function."""
    return ndtri(rng.uniform(ndtr(-2.0), ndtr(2.0), shape))
