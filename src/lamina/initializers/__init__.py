"""Weight initializers, with Keras' names in both spellings."""

from lamina.initializers.base import INITIALIZERS, Initializer
from lamina.initializers.fixed import (
    Constant,
    Identity,
    Ones,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    Zeros,
)
from lamina.initializers.fixed import Constant as constant
from lamina.initializers.fixed import Identity as identity
from lamina.initializers.fixed import Ones as ones
from lamina.initializers.fixed import Orthogonal as orthogonal
from lamina.initializers.fixed import RandomNormal as random_normal
from lamina.initializers.fixed import RandomUniform as random_uniform
from lamina.initializers.fixed import TruncatedNormal as truncated_normal
from lamina.initializers.fixed import Zeros as zeros
from lamina.initializers.lookup import get_initializer
from lamina.initializers.lookup import get_initializer as get
from lamina.initializers.scaling import (
    GlorotNormal,
    GlorotUniform,
    GlorotUniformLogistic,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)
from lamina.initializers.scaling import GlorotNormal as glorot_normal
from lamina.initializers.scaling import GlorotUniform as glorot_uniform
from lamina.initializers.scaling import HeNormal as he_normal
from lamina.initializers.scaling import HeUniform as he_uniform
from lamina.initializers.scaling import LecunNormal as lecun_normal
from lamina.initializers.scaling import LecunUniform as lecun_uniform
from lamina.initializers.scaling import VarianceScaling as variance_scaling

__all__ = [
    "INITIALIZERS",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "GlorotUniformLogistic",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "get",
    "get_initializer",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]
