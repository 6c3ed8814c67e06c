"""The dense layer."""

from __future__ import annotations

import jax.numpy as jnp

from lamina.activations import Activation, get_activation
from lamina.initializers import INITIALIZERS
from lamina.layers.base import Layer


class Dense(Layer):
    """Every output is a weighted sum of all inputs, a bias, and an activation: ``activation(x @ kernel + bias)``.

    Parameters
    ----------
    units : int
        Number of outputs.
    activation : str or callable, default="identity"
        Name of an activation or any function of an array that JAX can trace.
    use_bias : bool, default=True
        Whether a bias is added.
    kernel_initializer, bias_initializer : str, default="glorot_uniform", "zeros"
        How the weights are drawn.

    Examples
    --------
    >>> import numpy as np
    >>> params, state, shape = Dense(3).init(np.random.RandomState(0), (4,))
    >>> params["kernel"].shape, params["bias"].shape, shape
    ((4, 3), (3,), (3,))
    """

    penalised = ("kernel",)

    def __init__(
        self,
        units: int,
        activation: str | Activation = "identity",
        use_bias: bool = True,
        kernel_initializer: str = "glorot_uniform",
        bias_initializer: str = "zeros",
        **common,
    ) -> None:
        super().__init__(**common)
        self.units = units
        self.activation = activation
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer

    def init(self, rng, input_shape):
        *rows, inputs = input_shape
        fans = (inputs, self.units)
        params = {"kernel": INITIALIZERS[self.kernel_initializer](rng, fans, fans)}
        if self.use_bias:
            params["bias"] = INITIALIZERS[self.bias_initializer](rng, (self.units,), fans)
        return params, {}, (*rows, self.units)

    def apply(self, params, state, x, call):
        kernel = params["kernel"]
        if call.compute_dtype is None:
            z = x @ kernel
        else:  # low-precision products, accumulated in the weights' own precision
            low = call.compute_dtype
            z = jnp.matmul(x.astype(low), kernel.astype(low), preferred_element_type=kernel.dtype)
        if self.use_bias:
            z = z + params["bias"]
        return get_activation(self.activation)(z), state
