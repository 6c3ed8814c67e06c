"""Layers made of other layers, and of functions."""

from __future__ import annotations

from collections.abc import Callable

import jax

from lamina.checks import Callable_, Kind, check_value
from lamina.errors import DataError, InvalidParameter
from lamina.layers.base import Layer
from lamina.noise import fold
from lamina.recipe import below


class Residual(Layer):
    """A block of layers plus its own input: ``x + block(x)``.

    The weights of layer number k in the block are kept under the name k; `get_weights` gives them in order. The block
    is frozen as a whole, with its own `trainable`.

    Parameters
    ----------
    layers : list of Layer
        The block; its last outputs have the shape of its inputs.
    **common
        As in `Layer`.

    Raises
    ------
    DataError
        If the block changes the shape.
    InvalidParameter
        If a layer of the block is frozen by itself.

    References
    ----------
    He et al. (2016), Deep residual learning for image recognition.

    Examples
    --------
    >>> import numpy as np
    >>> from lamina.layers import Dense
    >>> block = Residual([Dense(8, "relu"), Dense(2, kernel_initializer="zeros")])
    >>> block(np.array([[1.0, 2.0]], np.float32)).tolist()
    [[1.0, 2.0]]
    """

    def __init__(self, layers: list[Layer] | tuple[Layer, ...], **common) -> None:
        super().__init__(**common)
        self.layers = tuple(check_value("Residual", "layers", layers, Kind((list, tuple), "a list of layers")))
        for layer in self.layers:
            check_value("Residual", "layers", layer, Kind((Layer,), "a list of layers"))

    @property
    def noisy(self) -> bool:  # type: ignore[override]
        """Whether a layer of the block is."""
        return any(layer.noisy for layer in self.layers)

    def recipe(self):
        for layer in self.layers:
            if not layer.trainable:
                raise InvalidParameter(
                    f"{layer!r} is frozen within a Residual, which can only be frozen as a whole. Set trainable=False "
                    "on the Residual."
                )
        return super().recipe()

    def init(self, rng, input_shape):
        params, state, shape = {}, {}, tuple(input_shape)
        for key, layer in self._children():
            params[key], state[key], shape = layer.init(rng, shape)
        if shape != tuple(input_shape):
            raise DataError(
                f"A Residual adds its input of shape {tuple(input_shape)} to its block's output of shape {shape}. End "
                f"the block with a projection back, such as Dense({input_shape[-1]}), or put one to the block's shape, "
                f"such as Dense({shape[-1]}), before it."
            )
        return params, state, shape

    def apply(self, params, state, x, call):
        y, new_state = x, {}
        for number, (key, layer) in enumerate(self._children()):
            own = call._replace(
                seed=fold(call.seed, number) if layer.noisy and call.seed is not None else None,
                hyper=below(f"layers/{key}", call.hyper),
            )
            y, new_state[key] = layer.run(params[key], state[key], y, own)
        return x + y, new_state

    def penalty(self, params):
        return sum(layer.penalty(params[key]) for key, layer in self._children())

    def constrained(self, params):
        return {key: layer.constrained(params[key]) for key, layer in self._children()}

    def multiplied(self, changes):
        return super().multiplied({key: layer.multiplied(changes[key]) for key, layer in self._children()})

    def kernels(self, params):
        return [kernel for key, layer in self._children() for kernel in layer.kernels(params[key])]

    def _children(self) -> list[tuple[str, Layer]]:
        return [(str(number), layer) for number, layer in enumerate(self.layers)]


class Lambda(Layer):
    """A function of the inputs as a layer. A model with one can be pickled, but a model file holds no code.

    Parameters
    ----------
    function : callable
        Any function of a batch that JAX can trace; define it once, for each new function object is compiled anew.
    **common
        As in `Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> Lambda(lambda x: x[:, ::-1])(np.array([[1.0, 2.0]], np.float32)).tolist()
    [[2.0, 1.0]]
    """

    def __init__(self, function: Callable[[jax.Array], jax.Array], **common) -> None:
        super().__init__(**common)
        self.function = check_value("Lambda", "function", function, Callable_())

    def init(self, rng, input_shape):
        return {}, {}, self.shape_after(input_shape)

    def apply(self, params, state, x, call):
        return self.function(x), state
