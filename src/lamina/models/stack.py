"""A stack of layers with its weights: structure, building, the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from lamina.checks import Name, Number, check_value
from lamina.engine.precision import DTYPES, weight_dtype
from lamina.engine.run import Variables
from lamina.errors import DataError, InvalidParameter, UnknownName
from lamina.layers import InputLayer, Layer
from lamina.models.arguments import check_others
from lamina.models.summary import summary_text
from lamina.registry import snake_case


class Stack:
    """Layers one after the other, each taking the outputs of the one before; the weights live in the layers."""

    def __init__(self, layers: Sequence[Layer] | None, name: str, dtype: str) -> None:
        self.name = name
        self.dtype = check_value("Sequential", "dtype", dtype, Name(DTYPES))
        self._layers: list[Layer] = []
        if isinstance(layers, Layer):
            raise InvalidParameter(f"Sequential takes a list of layers. Received the layer {layers!r}; put it into [].")
        for layer in layers or ():
            self.add(layer)

    @property
    def weight_dtype(self) -> str:
        """The dtype of the weights."""
        return weight_dtype(self.dtype)

    # -- structure ------------------------------------------------------------------------------------------------

    def add(self, layer: Layer) -> None:
        """Put a layer on top."""
        if isinstance(layer, Stack):
            raise InvalidParameter(
                f'A model cannot be a layer of another. Put the layers of "{layer.name}" there, which then share their '
                "weights: Sequential([*first.layers, *second.layers])."
            )
        if not isinstance(layer, Layer):
            raise InvalidParameter(
                f"A model is made of layers, such as lamina.layers.Dense(10). Received {layer!r}"
                + (f" at position {len(self._layers)}." if self._layers else ".")
            )
        if layer.name is None:
            layer.name = _free_name(snake_case(type(layer).__name__), {other.name for other in self._layers})
        self._layers.append(layer)
        self._build_if_known()

    def pop(self) -> Layer:
        """Take the top layer off and return it."""
        if not self.layers:
            raise InvalidParameter("There are no layers in the model.")
        return self._layers.pop()

    @property
    def layers(self) -> list[Layer]:
        """The layers in order; an input layer, which has nothing to compute, is left out."""
        return [layer for layer in self._layers if not isinstance(layer, InputLayer)]

    @property
    def all_layers(self) -> list[Layer]:
        """The layers with an input layer in front, if there is one."""
        return list(self._layers)

    @property
    def named_layers(self) -> list[tuple[str, Layer]]:
        """The layers with their names in this model's store; one layer in two places has one name."""
        names: dict[int, str] = {}
        for layer in self.layers:
            if id(layer) not in names:
                names[id(layer)] = _free_name(layer.name or "", set(names.values()))
        return [(names[id(layer)], layer) for layer in self.layers]

    @property
    def input_shape(self) -> tuple[int, ...] | None:
        """The shape of one row, once it is known."""
        return self._layers[0].input_shape if self._layers else None

    @property
    def built(self) -> bool:
        """Whether all weights are there."""
        return self.input_shape is not None and all(layer.store is not None for layer in self.layers)

    def build(self, input_shape: Iterable[int | None]) -> None:
        """Draw all weights for rows of a shape.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of the inputs, with None for the number of rows in front, or of one row.
        """
        shape = tuple(input_shape)
        row = shape[1:] if shape and shape[0] is None else shape
        if not self._layers:
            raise InvalidParameter("The model has no layers. Add some: model.add(lamina.layers.Dense(1)).")
        self._layers[0].input_shape = tuple(int(size or 0) for size in row)
        self._build_if_known()

    def _build_if_known(self) -> None:
        """Draw the weights that are missing, if the shape of the inputs is known."""
        shape = self.input_shape
        for layer in self.layers if shape is not None else ():
            assert shape is not None
            layer.build(shape, dtype=self.weight_dtype)
            shape = layer.output_shape

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The shape of the outputs, with None for the number of rows."""
        return (None, *(self.layers[-1].output_shape or ()))

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of a name, or at a position."""
        if index is not None:
            position = Number(-len(self.layers), len(self.layers) - 1, whole=True)
            return self.layers[check_value("get_layer", "index", index, position)]
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise UnknownName.among("layer", name, [layer.name or "" for layer in self.layers])

    def summary(self, *, print_fn: Callable[[str], Any] | None = None, **others: Any) -> None:
        """Print a table of layers, output shapes and numbers of parameters.

        Parameters
        ----------
        print_fn : callable, optional
            Receives the text; by default `print`.
        **others
            ``line_length``, ``positions``, ``expand_nested``, ``show_trainable`` and ``layer_range`` have no effect.
        """
        check_others(self.summary, others)
        (print_fn or print)(summary_text(self))

    # -- weights --------------------------------------------------------------------------------------------------

    def open(self) -> Variables:
        """The store: the parameters and states of all layers by name."""
        if not self.built:
            raise DataError(
                "The model has no weights yet, because the shape of its inputs is unknown. Give the first layer "
                "input_shape=(n_features,), call model.build((None, n_features)), or fit it."
            )
        stores = {name: layer.store or ({}, {}) for name, layer in self.named_layers}
        return Variables({name: params for name, (params, _) in stores.items()}, {n: s for n, (_, s) in stores.items()})

    def close(self, variables: Variables) -> None:
        """Put a store back into the layers."""
        for name, layer in dict(self.named_layers).items():
            layer.store = (variables.params[name], variables.state[name])

    @property
    def _unique_layers(self) -> list[Layer]:
        return list(dict(self.named_layers).values())

    def get_weights(self) -> list[np.ndarray]:
        """All weights, layer by layer, each layer's state after its parameters."""
        return [np.asarray(array) for layer in self._unique_layers for array in layer.get_weights()]

    def set_weights(self, weights: Sequence[np.ndarray]) -> None:
        """Replace all weights by others of the same shapes, in the order of `get_weights`."""
        present = [len(layer.get_weights()) for layer in self._unique_layers]
        if len(weights) != sum(present):
            raise DataError(f"The model has {sum(present)} weight arrays, but received {len(weights)}.")
        before = [layer.store for layer in self._unique_layers]
        rest = list(weights)
        try:
            for layer, count in zip(self._unique_layers, present):
                layer.set_weights(rest[:count])
                del rest[:count]
        except DataError:  # all or nothing
            for layer, variables in zip(self._unique_layers, before):
                layer.store = variables
            raise

    def count_params(self) -> int:
        """Number of weights, those that training leaves alone included."""
        return sum(layer.count_params() for layer in self._unique_layers)

    @property
    def weights(self) -> list:
        """All weights with their names, as `lamina.layers.Weight`."""
        return [weight for layer in self._unique_layers for weight in layer.weights]

    @property
    def trainable_weights(self) -> list:
        """The weights that training changes."""
        return [weight for weight in self.weights if weight.trainable]

    @property
    def non_trainable_weights(self) -> list:
        """The weights that training leaves alone: those of frozen layers, and statistics."""
        return [weight for weight in self.weights if not weight.trainable]

    #: Keras' newer names of the same
    variables, trainable_variables, non_trainable_variables = weights, trainable_weights, non_trainable_weights

    @property
    def trainable(self) -> bool:
        """Whether any layer is trainable; assigning sets it for all layers."""
        return any(layer.trainable for layer in self.layers)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self.layers:
            layer.trainable = value


def _free_name(name: str, taken: Iterable[str | None]) -> str:
    """`name`, or the first of name_1, name_2, ... that is not taken."""
    taken = set(taken)
    candidates = (name if not number else f"{name}_{number}" for number in range(len(taken) + 1))
    return next(candidate for candidate in candidates if candidate not in taken)
