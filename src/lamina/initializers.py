"""Weight initializers: drawn on the host with NumPy, because every eager JAX call compiles a program of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lamina.registry import Registry

# (generator, shape, (fan_in, fan_out)) -> float64 array of that shape
Initializer = Callable[[np.random.RandomState, tuple[int, ...], tuple[int, int]], np.ndarray]

INITIALIZERS: Registry[Initializer] = Registry("initializer")


@INITIALIZERS.register("zeros")
def zeros(rng, shape, fans):
    """All zeros."""
    return np.zeros(shape)


@INITIALIZERS.register("glorot_uniform")
def glorot_uniform(rng, shape, fans):
    """Uniform on ±sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio, 2010)."""
    bound = np.sqrt(6.0 / (fans[0] + fans[1]))
    return rng.uniform(-bound, bound, shape)


@INITIALIZERS.register("glorot_uniform_logistic")
def glorot_uniform_logistic(rng, shape, fans):
    """Uniform on ±sqrt(2 / (fan_in + fan_out)): scikit-learn's narrower Glorot bound for logistic units."""
    bound = np.sqrt(2.0 / (fans[0] + fans[1]))
    return rng.uniform(-bound, bound, shape)


@INITIALIZERS.register("he_normal")
def he_normal(rng, shape, fans):
    """Normal with variance 2 / fan_in (He et al., 2015)."""
    return rng.normal(0.0, np.sqrt(2.0 / fans[0]), shape)


@INITIALIZERS.register("lecun_normal")
def lecun_normal(rng, shape, fans):
    """Normal with variance 1 / fan_in (LeCun et al., 1998)."""
    return rng.normal(0.0, np.sqrt(1.0 / fans[0]), shape)
