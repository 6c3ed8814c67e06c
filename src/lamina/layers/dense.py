"""The dense layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from lamina.activations import Activation, get_activation
from lamina.checks import Boolean, Number, check_value
from lamina.constraints import get_constraint
from lamina.errors import InvalidParameter
from lamina.initializers import Initializer, get_initializer
from lamina.layers.base import Arrays, Call, Layer, Weight
from lamina.layers.product import product
from lamina.regularizers import get_regularizer


class Dense(Layer):
    """Every output is a weighted sum of all inputs, a bias, and an activation: ``activation(x @ kernel + bias)``.

    Parameters
    ----------
    units : int
        Number of outputs.
    activation : str, callable, Layer or None, default=None
        Name of an activation, any function of an array that JAX can trace, or a layer without weights such as
        ``LeakyReLU(0.1)``. None is the identity.
    use_bias : bool, default=True
        Whether a bias is added.
    kernel_initializer, bias_initializer : str, Initializer or callable, default="glorot_uniform", "zeros"
        How the weights are drawn; "auto" suits the activation. Both count the fans of the kernel.
    kernel_regularizer, bias_regularizer : str, Regularizer or callable, optional
        Penalties on the weights that are added to the loss, such as "l2" or ``L2(0.001)``.
    kernel_constraint, bias_constraint : str, Constraint or callable, optional
        What the weights are brought back to after each update, such as "max_norm" or ``MaxNorm(1.0)``.
    **common
        As in `Layer`.

    Raises
    ------
    UnknownName
        For a misspelt name, with the nearest known one.
    InvalidParameter
        For an activation that is a layer with weights or noise.

    Examples
    --------
    >>> import numpy as np
    >>> params, state, shape = Dense(3).init(np.random.RandomState(0), (4,))
    >>> params["kernel"].shape, params["bias"].shape, shape
    ((4, 3), (3,), (3,))
    """

    penalised = ("kernel",)
    hosted: ClassVar[tuple[str, ...]] = ("kernel_initializer", "bias_initializer")

    def __init__(
        self,
        units: int,
        activation: str | Activation | Layer | None = None,
        use_bias: bool = True,
        kernel_initializer: str | Initializer | Callable = "glorot_uniform",
        bias_initializer: str | Initializer | Callable = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **common,
    ) -> None:
        super().__init__(**common)
        self.units = check_value(type(self).__name__, "units", units, Number(1, whole=True))
        self.activation = checked_activation(activation)
        self.use_bias = check_value(type(self).__name__, "use_bias", use_bias, Boolean)
        get_initializer(kernel_initializer, self.activation), get_initializer(bias_initializer, self.activation)
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = get_regularizer(kernel_regularizer)
        self.bias_regularizer = get_regularizer(bias_regularizer)
        self.kernel_constraint = get_constraint(kernel_constraint)
        self.bias_constraint = get_constraint(bias_constraint)

    @property
    def kernel(self) -> Weight | None:
        """The kernel of shape (inputs, units), once the layer is built."""
        return self.weight("kernel")

    @property
    def bias(self) -> Weight | None:
        """The bias of shape (units,), if there is one and the layer is built."""
        return self.weight("bias")

    def init(self, rng, input_shape):
        *rows, inputs = input_shape
        fans = (inputs, self.units)
        params = {"kernel": get_initializer(self.kernel_initializer, self.activation).draw(rng, fans, fans)}
        if self.use_bias:
            params["bias"] = get_initializer(self.bias_initializer, self.activation).draw(rng, (self.units,), fans)
        return params, {}, (*rows, self.units)

    def apply(self, params, state, x, call):
        return affine(params, x, call, self.activation), state


def affine(params: Arrays, x: jax.Array, call: Call, activation: Any) -> jax.Array:
    """The activation of the rows times the kernel, plus the bias if there is one."""
    kernel = params["kernel"]
    if call.compute_dtype is None:
        z = product(x, kernel)
    else:  # low-precision products, accumulated in the weights' own precision
        low = call.compute_dtype
        z = jnp.matmul(x.astype(low), kernel.astype(low), preferred_element_type=kernel.dtype)
    return get_activation(activation)(z + params["bias"] if "bias" in params else z)


def checked_activation(activation: Any) -> Any:
    """The activation, if there is such a function; a layer may serve as one if it has neither weights nor noise."""
    get_activation(activation)
    if isinstance(activation, Layer):
        params, state, _ = activation.init(np.random.RandomState(0), (1,))
        if params or state or activation.noisy:
            raise InvalidParameter(
                f"{activation!r} has weights or noise of its own and cannot be an activation of another layer. Leave "
                "activation out and add it as the next layer."
            )
    return activation
