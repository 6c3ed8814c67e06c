"""What every layer is: configuration in ``__init__``, ``init`` in NumPy, ``apply`` in pure JAX."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

import jax
import numpy as np

Shape = tuple[int, ...]
Arrays = dict[str, Any]


class Call(NamedTuple):
    """What a layer may know about the call: is it training, its noise seed, the row weights, the matmul dtype."""

    training: bool = False
    seed: jax.Array | None = None
    rows: jax.Array | None = None
    compute_dtype: str | None = None


class Layer:
    """A recipe without weights, equal and hashed by its configuration.

    A subclass keeps its ``__init__`` parameters as attributes of the same names, and defines ``init`` and ``apply``.
    """

    #: names of the weights that an L2 penalty applies to
    penalised: tuple[str, ...] = ()

    def get_config(self) -> dict[str, Any]:
        """The constructor's parameters, as keyword arguments that build an equal layer."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def recipe(self) -> Layer:
        """A copy without weights or other attributes; safe to keep in a compile cache."""
        return type(self)(**self.get_config())

    def init(self, rng: np.random.RandomState, input_shape: Shape) -> tuple[Arrays, Arrays, Shape]:
        """Draw weights: (parameters, state, output shape), for inputs of `input_shape` without the row axis."""
        return {}, {}, input_shape

    def apply(self, params: Arrays, state: Arrays, x: jax.Array, call: Call) -> tuple[jax.Array, Arrays]:
        """The outputs for a batch of inputs, and the new state. Arrays come from the arguments alone."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.get_config() == other.get_config()

    def __hash__(self) -> int:
        return hash((type(self), tuple(self.get_config().items())))

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({inner})"
