"""Layers of noise: active in training only (or always, for Monte Carlo predictions)."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from lamina import noise
from lamina.activations import SELU_ALPHA, SELU_SCALE
from lamina.checks import Number, check_number
from lamina.layers.base import Layer

_RATE = Number(0, 1, open_high=True)
#: SELU's value far to the left, -scale * alpha (Klambauer et al., 2017)
_SELU_FLOOR = -SELU_SCALE * SELU_ALPHA


class Dropout(Layer):
    """In training, each input is 0 with probability `rate` and is divided by ``1 - rate`` otherwise.

    Parameters
    ----------
    rate : float, schedule or callable
        Share of the inputs to drop, from 0 to below 1; or a function of the step's number. A new rate compiles nothing.
    **common
        As in `Layer`.

    References
    ----------
    Srivastava et al. (2014), Dropout: a simple way to prevent neural networks from overfitting.

    Examples
    --------
    >>> import numpy as np
    >>> Dropout(0.5)(np.ones((2, 3), np.float32)).tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """

    traced: ClassVar[tuple[str, ...]] = ("rate",)
    noisy = True

    def __init__(self, rate: Any, **common) -> None:
        super().__init__(**common)
        self.rate = check_number(type(self).__name__, "rate", rate, _RATE)

    def apply(self, params, state, x, call):
        if not call.noise_on:
            return x, state
        rate = call.hyper["rate"]
        dropped = noise.bernoulli(call.seed, rate, call.noise_shape(x.shape))
        return jnp.where(dropped, 0, x / (1 - rate)), state


class AlphaDropout(Dropout):
    """Dropout that keeps the mean 0 and variance 1 of SELU's activations: dropped inputs become SELU's floor.

    ``y = a (x · kept + floor · dropped) + b`` with a and b such that a standard normal input stays standard.

    Parameters
    ----------
    rate : float
        Share of the inputs to drop, from 0 to below 1.
    **common
        As in `Layer`.

    References
    ----------
    Klambauer et al. (2017), Self-normalizing neural networks.

    Examples
    --------
    >>> AlphaDropout(0.1)
    AlphaDropout(rate=0.1)
    """

    def apply(self, params, state, x, call):
        if not call.noise_on:
            return x, state
        rate = call.hyper["rate"]
        dropped = noise.bernoulli(call.seed, rate, call.noise_shape(x.shape))
        a = 1 / jnp.sqrt((1 - rate) * (1 + rate * _SELU_FLOOR**2))
        return a * jnp.where(dropped, _SELU_FLOOR, x) - a * rate * _SELU_FLOOR, state


class MCDropout(Dropout):
    """Dropout that is active in prediction too: repeated predictions are draws from the model's uncertainty.

    Parameters
    ----------
    rate : float
        Share of the inputs to drop, from 0 to below 1.
    **common
        As in `Layer`.

    References
    ----------
    Gal & Ghahramani (2016), Dropout as a Bayesian approximation.

    Examples
    --------
    >>> import numpy as np
    >>> bool((MCDropout(0.5)(np.ones((10, 10), np.float32)) == 0).any())
    True
    """

    def apply(self, params, state, x, call):
        return super().apply(params, state, x, call._replace(training=True))


class MCAlphaDropout(AlphaDropout):
    """`AlphaDropout` that is active in prediction too.

    Parameters
    ----------
    rate : float
        Share of the inputs to drop, from 0 to below 1.
    **common
        As in `Layer`.

    References
    ----------
    Gal & Ghahramani (2016), Dropout as a Bayesian approximation.

    Examples
    --------
    >>> MCAlphaDropout(0.1)
    MCAlphaDropout(rate=0.1)
    """

    def apply(self, params, state, x, call):
        return super().apply(params, state, x, call._replace(training=True))


class GaussianNoise(Layer):
    """In training, adds normal noise: ``x + stddev · e``.

    Parameters
    ----------
    stddev : float
        Standard deviation of the noise, at least 0. A new value compiles nothing.
    **common
        As in `Layer`.

    Examples
    --------
    >>> GaussianNoise(0.1)
    GaussianNoise(stddev=0.1)
    """

    traced: ClassVar[tuple[str, ...]] = ("stddev",)
    noisy = True

    def __init__(self, stddev: Any, **common) -> None:
        super().__init__(**common)
        self.stddev = check_number(type(self).__name__, "stddev", stddev, Number(0))

    def apply(self, params, state, x, call):
        if not call.noise_on:
            return x, state
        return x + call.hyper["stddev"] * noise.normal(call.seed, call.noise_shape(x.shape), x.dtype), state


class GaussianDropout(Layer):
    """In training, multiplies by normal noise of mean 1 and standard deviation ``sqrt(rate / (1 - rate))``.

    Parameters
    ----------
    rate : float
        The rate of the dropout with the same variance, from 0 to below 1.
    **common
        As in `Layer`.

    References
    ----------
    Srivastava et al. (2014), Dropout: a simple way to prevent neural networks from overfitting.

    Examples
    --------
    >>> GaussianDropout(0.2)
    GaussianDropout(rate=0.2)
    """

    traced: ClassVar[tuple[str, ...]] = ("rate",)
    noisy = True

    def __init__(self, rate: Any, **common) -> None:
        super().__init__(**common)
        self.rate = check_number(type(self).__name__, "rate", rate, _RATE)

    def apply(self, params, state, x, call):
        if not call.noise_on:
            return x, state
        rate = call.hyper["rate"]
        stddev = jnp.sqrt(rate / (1 - rate))
        return x * (1 + stddev * noise.normal(call.seed, call.noise_shape(x.shape), x.dtype)), state
