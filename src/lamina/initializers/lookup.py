"""Initializers by name, by class, as functions, or suited to an activation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina.initializers.base import INITIALIZERS, Initializer, drawn_by


class _Function(Initializer):
    """A user's function ``(shape, dtype=None) -> array``, as in Keras."""

    def __init__(self, function: Callable) -> None:
        self.function = function

    def draw(self, rng, shape, fans):
        return drawn_by(self.function, shape)


def get_initializer(initializer: Any, activation: Any = None) -> Initializer:
    """The initializer for a name, a class, an object, or a function ``(shape, dtype=None)``.

    "auto" follows the activation: He for ReLU and its kin (leaky, ELU, GELU, swish, ...), LeCun for SELU, Glorot for
    the others.

    >>> get_initializer("he_normal"), get_initializer("auto", "selu"), get_initializer("auto", "tanh")
    (HeNormal(), LecunNormal(), GlorotUniform())
    """
    if isinstance(initializer, str):
        return INITIALIZERS[_suited_to(activation) if initializer == "auto" else initializer]()
    if isinstance(initializer, type) and issubclass(initializer, Initializer):
        return initializer()
    if isinstance(initializer, Initializer):
        return initializer
    if callable(initializer):
        return _Function(initializer)
    return INITIALIZERS[initializer]()  # says which names there are


_RECTIFIERS = (
    *("relu", "relu6", "leaky_relu", "elu", "celu", "gelu", "silu", "swish", "mish", "softplus", "squareplus"),
    *("hard_silu", "hard_swish", "prelu", "rrelu"),
)


def _suited_to(activation: Any) -> str:
    """The name of the initializer that suits an activation: a name, a function or a layer with such a name."""
    name = activation if isinstance(activation, str) else getattr(activation, "__name__", type(activation).__name__)
    name = {"LeakyReLU": "leaky_relu"}.get(name, name).lower()
    return "he_normal" if name in _RECTIFIERS else "lecun_normal" if name == "selu" else "glorot_uniform"
