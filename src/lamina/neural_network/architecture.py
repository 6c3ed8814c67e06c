"""From an estimator's parameters to its layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from lamina.activations import ACTIVATIONS
from lamina.constraints import MaxNorm
from lamina.errors import InvalidParameter, UnknownName
from lamina.initializers import get_initializer
from lamina.layers import (
    Activation,
    AlphaDropout,
    BatchNormalization,
    Dense,
    DenseTranspose,
    Dropout,
    Layer,
    LayerNormalization,
    LeakyReLU,
    PReLU,
    RReLU,
)
from lamina.registry import snake_case

#: the parameters of an estimator that its layers come from
ARCHITECTURE = (
    "hidden_layer_sizes",
    "activation",
    "kernel_initializer",
    "normalization",
    "norm_position",
    "dropout",
    "input_dropout",
    "max_norm",
)
#: layers that may stand in a hidden block beside the dense one, by the value of `normalization`
NORMALIZATIONS: dict[str, type[Layer]] = {"batch": BatchNormalization, "layer": LayerNormalization}
#: activations with weights or noise of their own: layers that follow the dense one
OWN_LAYERS: dict[str, type[Layer]] = {"prelu": PReLU, "rrelu": RReLU}
ACTIVATION_NAMES = (*ACTIVATIONS, *OWN_LAYERS)
#: names of layers in the store
_NAMES = {
    Dense: "dense",
    Dropout: "dropout",
    AlphaDropout: "dropout",
    Activation: "activation",
    PReLU: "activation",
    RReLU: "activation",
    BatchNormalization: "normalization",
    LayerNormalization: "normalization",
}


def hidden_sizes(estimator) -> list[int]:
    """Widths of the hidden layers."""
    return whole_widths("hidden_layer_sizes", estimator.hidden_layer_sizes)


def whole_widths(name: str, given) -> list[int]:
    """Widths of layers as a list; `name` is for errors."""
    sizes = np.atleast_1d(np.asarray(given)).tolist()
    if any(isinstance(size, bool) or not isinstance(size, int) or size <= 0 for size in sizes):
        raise InvalidParameter(f"{name} must be > 0, got {sizes}. Give whole widths such as (100, 50).")
    return sizes


def hidden_activations(estimator) -> list:
    """One activation per hidden layer."""
    activations = per_hidden_layer(estimator, "activation")
    for activation in activations:
        if not callable(activation) and activation not in ACTIVATION_NAMES:
            raise UnknownName.among("activation", activation, ACTIVATION_NAMES)
    return activations


def per_hidden_layer(estimator, name: str) -> list:
    """A parameter that is one value for all hidden layers or a sequence with one for each, as a list."""
    value, n_layers = getattr(estimator, name), len(hidden_sizes(estimator))
    if not isinstance(value, list | tuple):
        return [value] * n_layers
    if len(value) != n_layers:
        what = "name or function" if name == "activation" else "number"
        raise InvalidParameter(
            f"{name} has {len(value)} entries for {n_layers} hidden layers. Give one {what} for all layers, or exactly "
            "one per hidden layer."
        )
    return list(value)


def layers_of(estimator, n_outputs: int) -> tuple[tuple[str, Layer], ...]:
    """Names and layers: dropout of the inputs, hidden blocks, and the output before its link."""
    return named([*hidden_layers(estimator), output_layer(estimator, n_outputs)])


def hidden_layers(estimator) -> list[Layer]:
    """Dropout of the inputs, and the hidden blocks."""
    activations = hidden_activations(estimator)
    stack: list[Layer] = _dropout(estimator.input_dropout, activations[0] if activations else None)
    rates = per_hidden_layer(estimator, "dropout")
    for units, activation, rate in zip(hidden_sizes(estimator), activations, rates):
        stack += _hidden_block(estimator, units, activation, rate)
    return stack


def mirrored_layers(estimator, n_outputs: int) -> list[Layer]:
    """The hidden blocks in reverse order, from the last one's outputs back to as many as its inputs, and the output."""
    rates = per_hidden_layer(estimator, "dropout")
    blocks = list(zip(hidden_sizes(estimator), hidden_activations(estimator), rates))[-2::-1]
    hidden = [layer for block in blocks for layer in _hidden_block(estimator, *block)]
    return [*hidden, output_layer(estimator, n_outputs)]


def products(layers: Iterable[tuple[str, Layer]]) -> list[int]:
    """Positions of the layers that have units of their own: those that scikit-learn counts."""
    return [number for number, (_, layer) in enumerate(layers) if isinstance(layer, Dense | DenseTranspose)]


def output_layer(estimator, n_outputs: int) -> Layer:
    """The last layer, before its link."""
    activations = hidden_activations(estimator)
    return _dense(estimator, n_outputs, "identity", drawn_for=activations[-1] if activations else "identity")


def named(stack: list[Layer], prefix: str = "") -> tuple[tuple[str, Layer], ...]:
    """Layers with the names that they have in the store: dense, dense_1, ... behind the prefix."""
    numbers: dict[str, int] = {}
    pairs = []
    for layer in stack:
        name = prefix + (_NAMES.get(type(layer)) or snake_case(type(layer).__name__))
        number = numbers.get(name, 0)
        numbers[name] = number + 1
        pairs.append((f"{name}_{number}" if number else name, layer))
    return tuple(pairs)


def _hidden_block(estimator, units: int, activation: Any, rate: float) -> list[Layer]:
    """A dense layer with its normalisation and dropout; the bias goes where a normalisation would take it out again."""
    dropout = _dropout(rate, activation)
    if estimator.normalization is None:
        return [*_activated(estimator, units, activation), *dropout]
    normalization = NORMALIZATIONS[estimator.normalization]()
    if estimator.norm_position == "after":
        return [*_activated(estimator, units, activation), normalization, *dropout]
    dense = _dense(estimator, units, "identity", activation, use_bias=False)
    return [dense, normalization, _own_layer(activation) or Activation(_function(activation)), *dropout]


def _activated(estimator, units: int, activation: Any) -> list[Layer]:
    """A dense layer with its activation, which may be a layer by itself."""
    own = _own_layer(activation)
    if own is None:
        return [_dense(estimator, units, activation)]
    return [_dense(estimator, units, "identity", drawn_for=activation), own]


def _own_layer(activation: Any) -> Layer | None:
    """The layer that an activation is, if it is more than a function."""
    return OWN_LAYERS[activation]() if isinstance(activation, str) and activation in OWN_LAYERS else None


def _dropout(rate: float, activation: Any) -> list[Layer]:
    """Dropout next to an activation; SELU has its own."""
    kind = AlphaDropout if isinstance(activation, str) and activation == "selu" else Dropout
    return [kind(rate)] if rate else []


def _dense(estimator, units: int, activation: Any, drawn_for: Any = None, use_bias: bool = True) -> Dense:
    """A dense layer; without `kernel_initializer` its weights and biases are drawn as scikit-learn draws them."""
    drawn_for = activation if drawn_for is None else drawn_for
    kernel = estimator.kernel_initializer
    bias: Any = "zeros"
    if kernel is None:
        kernel = bias = "glorot_uniform_logistic" if drawn_for in ("logistic", "sigmoid") else "glorot_uniform"
    elif kernel == "auto":
        kernel = get_initializer("auto", drawn_for)
    constraint = None if estimator.max_norm is None else MaxNorm(estimator.max_norm)
    return Dense(units, _function(activation), use_bias, kernel, bias, kernel_constraint=constraint)


def _function(activation: Any) -> Any:
    """By the name alone a layer has Keras' slope, 0.2; an estimator's "leaky_relu" has 0.01."""
    return LeakyReLU(0.01) if isinstance(activation, str) and activation == "leaky_relu" else activation
