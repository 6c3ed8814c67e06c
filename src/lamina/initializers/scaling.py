"""Initializers whose variance follows from the layer's size.

The normal variants draw, as Keras does, from a normal distribution that is cut off at two standard deviations and
widened by 1 / 0.8796, so that the variance is the promised one.
"""

from __future__ import annotations

import numpy as np

from lamina.checks import Name, Number, check_value
from lamina.initializers.base import INITIALIZERS, Initializer
from lamina.initializers.fixed import truncated

#: standard deviation of a standard normal cut off at ±2
_TRUNCATED_STDDEV = 0.87962566103423978
_DISTRIBUTIONS = ("truncated_normal", "normal", "untruncated_normal", "uniform")
_MODES = ("fan_in", "fan_out", "fan_avg")


@INITIALIZERS.register("variance_scaling", "VarianceScaling")
class VarianceScaling(Initializer):
    """Mean 0 and variance ``scale / n``, with n the number of inputs, of outputs, or their mean.

    Parameters
    ----------
    scale : float, default=1.0
        Above 0.
    mode : {"fan_in", "fan_out", "fan_avg"}, default="fan_in"
        What n is.
    distribution : {"truncated_normal", "untruncated_normal", "uniform"}, default="truncated_normal"
        The shape; "normal" means "truncated_normal", as in Keras.
    seed : int, optional
        Of a generator of its own; without it the model's is used.

    Examples
    --------
    >>> weights = VarianceScaling(2.0, "fan_avg", "uniform", seed=0)(shape=(300, 100))
    >>> round(float(weights.var()) * 200, 1)
    2.0
    """

    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "truncated_normal"

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
    ) -> None:
        owner = type(self).__name__
        self.scale = check_value(owner, "scale", scale, Number(0, open_low=True))
        self.mode = check_value(owner, "mode", mode, Name(_MODES))
        self.distribution = check_value(owner, "distribution", distribution, Name(_DISTRIBUTIONS))
        self.seed = seed

    def draw(self, rng, shape, fans):
        rng = self._generator(rng)
        n = max(1.0, {"fan_in": fans[0], "fan_out": fans[1], "fan_avg": (fans[0] + fans[1]) / 2}[self.mode])
        if self.distribution == "uniform":
            bound = np.sqrt(3.0 * self.scale / n)
            return rng.uniform(-bound, bound, shape)
        stddev = np.sqrt(self.scale / n)
        if self.distribution == "untruncated_normal":
            return rng.normal(0.0, stddev, shape)
        return stddev / _TRUNCATED_STDDEV * truncated(rng, shape)


class _Fixed(VarianceScaling):
    """`VarianceScaling` with all but the seed settled by the class."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed


@INITIALIZERS.register("glorot_uniform", "GlorotUniform")
class GlorotUniform(_Fixed):
    """Uniform on ±sqrt(6 / (fan_in + fan_out)), for identity, tanh, logistic and softmax (Glorot & Bengio, 2010)."""

    scale, mode, distribution = 1.0, "fan_avg", "uniform"


@INITIALIZERS.register("glorot_uniform_logistic")
class GlorotUniformLogistic(_Fixed):
    """Uniform on ±sqrt(2 / (fan_in + fan_out)): scikit-learn's narrower Glorot bound for logistic units."""

    scale, mode, distribution = 1 / 3, "fan_avg", "uniform"


@INITIALIZERS.register("glorot_normal", "GlorotNormal")
class GlorotNormal(_Fixed):
    """Truncated normal with variance 2 / (fan_in + fan_out) (Glorot & Bengio, 2010)."""

    scale, mode, distribution = 1.0, "fan_avg", "truncated_normal"


@INITIALIZERS.register("he_normal", "HeNormal")
class HeNormal(_Fixed):
    """Truncated normal with variance 2 / fan_in, for ReLU and its kin (He et al., 2015)."""

    scale, mode, distribution = 2.0, "fan_in", "truncated_normal"


@INITIALIZERS.register("he_uniform", "HeUniform")
class HeUniform(_Fixed):
    """Uniform on ±sqrt(6 / fan_in), for ReLU and its kin (He et al., 2015)."""

    scale, mode, distribution = 2.0, "fan_in", "uniform"


@INITIALIZERS.register("lecun_normal", "LecunNormal")
class LecunNormal(_Fixed):
    """Truncated normal with variance 1 / fan_in, for SELU (LeCun et al., 1998)."""

    scale, mode, distribution = 1.0, "fan_in", "truncated_normal"


@INITIALIZERS.register("lecun_uniform", "LecunUniform")
class LecunUniform(_Fixed):
    """Uniform on ±sqrt(3 / fan_in) (LeCun et al., 1998)."""

    scale, mode, distribution = 1.0, "fan_in", "uniform"
