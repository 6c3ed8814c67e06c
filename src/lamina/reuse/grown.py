"""Estimators whose first layers are another network's: what fine-tuning trains."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

import jax
import numpy as np

from lamina.engine.precision import weight_dtype
from lamina.errors import DataError
from lamina.layers import Dense, Layer, Residual
from lamina.models.copies import copy_of
from lamina.neural_network import MLPClassifier, MLPRegressor
from lamina.neural_network.architecture import named

#: names of the layers that come from the source begin with this
REUSED = "reused_"


def is_hidden(layer: Layer) -> bool:
    """Whether it is what `n_reused` counts; normalisation, activation and dropout above it belong to it."""
    return isinstance(layer, Dense | Residual)


class Grown:
    """A network of given layers, which bring their weights, and on top of them hidden layers and an output of its own.

    Parameters
    ----------
    trunk : sequence of Layer
        Layers with weights, from the bottom; copied, never changed.
    n_frozen : int
        How many of them, from the bottom, training leaves as they are.
    layer_decay : float
        Factor on the learning rate from each hidden layer among them to the next one below; the top one has it once.
    known_outputs : tuple (kernel, bias, columns) or None
        Weights that some columns of the output begin with, in place of drawn ones.
    auto_batch : int
        What ``batch_size="auto"`` stands for.
    **parameters
        Those of `MLPClassifier` or `MLPRegressor`.
    """

    trunk: Sequence[Layer]
    n_frozen: int
    layer_decay: float
    known_outputs: tuple[np.ndarray, np.ndarray, np.ndarray] | None
    auto_batch: int
    #: a phase has the epochs that it is given, and is not too short for that
    _converges = False

    def __init__(self, trunk=(), n_frozen=0, layer_decay=1.0, known_outputs=None, auto_batch=32, **parameters) -> None:
        super().__init__(**parameters)
        self.trunk = trunk
        self.n_frozen = n_frozen
        self.layer_decay = layer_decay
        self.known_outputs = known_outputs
        self.auto_batch = auto_batch

    @classmethod
    def _get_param_names(cls) -> list[str]:
        constructors = [vars(base)["__init__"] for base in cls.__mro__[:-1] if "__init__" in vars(base)]
        parameters = [p for constructor in constructors for p in signature(constructor).parameters.values()]
        return sorted({p.name for p in parameters if p.kind is not p.VAR_KEYWORD} - {"self"})

    def _layers(self, n_outputs: int) -> tuple[tuple[str, Layer], ...]:
        copies = [copy_of(layer) for layer in self.trunk]
        if self.layer_decay != 1:
            factor = self.layer_decay
            for layer, given in zip(reversed(copies), reversed(self.trunk)):
                if given.get_weights():
                    layer.learning_rate_multiplier = factor
                if is_hidden(given):  # what stands above it belongs to it
                    factor *= self.layer_decay
        return (*named(copies, REUSED), *super()._layers(n_outputs))  # type: ignore[misc]

    @property
    def _frozen(self) -> tuple[str, ...]:
        return tuple(name for name, _ in named(list(self.trunk[: self.n_frozen]), REUSED))

    @property
    def _learned_before(self) -> tuple[str, ...]:
        return tuple(name for name, _ in named(list(self.trunk), REUSED))

    def _warn_of_assumptions(self, rows: Any, batch_size: int) -> None:
        """The layers have been trained on such rows before."""

    def _initialize(self, rng: np.random.RandomState) -> None:
        super()._initialize(rng)  # type: ignore[misc]
        params, state = self._weights()  # type: ignore[attr-defined]
        for (name, _), layer in zip(named(list(self.trunk), REUSED), self.trunk):
            if layer.store is None:
                raise DataError(
                    "The layers to reuse have no weights: a model file keeps what was trained, not what training began "
                    "from. Give the source again."
                )
            params[name], state[name] = layer.store
        if self.known_outputs is not None:
            kernel, bias, columns = self.known_outputs
            top = self._layers(self.n_outputs_)[-1][0]  # type: ignore[attr-defined]
            output = {name: np.array(array) for name, array in params[top].items()}
            output["kernel"][:, columns], output["bias"][columns] = kernel, bias
            params[top] = output
        dtype = weight_dtype(self._dtype_)  # type: ignore[attr-defined]
        params, state = jax.tree.map(lambda array: np.asarray(array, dtype), (params, state))
        self._set_weights(params, state)  # type: ignore[attr-defined]


class GrownClassifier(Grown, MLPClassifier):  # type: ignore[override]
    """`MLPClassifier` on top of given layers; `classes` are those of its outputs, which `y` need not all have."""

    #: in errors, which users read
    _called = "FineTuneClassifier"

    def __init__(self, classes=None, **parameters) -> None:
        super().__init__(**parameters)
        self.classes = classes

    def _encode_target(self, y: Any, first: bool, incremental: bool) -> np.ndarray:
        if self.classes is None:
            return super()._encode_target(y, first, incremental)
        self.classes_, self._multilabel = np.asarray(self.classes), False
        return super()._encode_target(y, first=False, incremental=True)


class GrownRegressor(Grown, MLPRegressor):  # type: ignore[override]
    """`MLPRegressor` on top of given layers."""

    _called = "FineTuneRegressor"
