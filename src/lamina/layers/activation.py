"""Activations as layers of their own; those with a kink at 0 are in `lamina.layers.rectifier`."""

from __future__ import annotations

from lamina import activations
from lamina.activations import Activation as Function
from lamina.activations import get_activation
from lamina.checks import Boolean, Kind, check_value
from lamina.layers.base import Layer


class Activation(Layer):
    """Any activation, by name or as a function, as a layer: for normalisation between a sum and its activation.

    Parameters
    ----------
    activation : str or callable
        Name of an activation or any function of an array that JAX can trace.
    **common
        As in `Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> Activation("relu")(np.array([[-1.0, 2.0]], np.float32)).tolist()
    [[0.0, 2.0]]
    """

    def __init__(self, activation: str | Function, **common) -> None:
        super().__init__(**common)
        get_activation(activation)
        self.activation = activation

    def apply(self, params, state, x, call):
        return get_activation(self.activation)(x), state


class SELU(Layer):
    """``1.0507 x`` above 0, ``1.0507 · 1.67326 (exp(x) - 1)`` below: keeps mean 0 and variance 1.

    Parameters
    ----------
    **common
        As in `Layer`.

    References
    ----------
    Klambauer et al. (2017), Self-normalizing neural networks.

    Examples
    --------
    >>> import numpy as np
    >>> SELU()(np.array([[0.0, 1.0]], np.float32)).round(4).tolist()
    [[0.0, 1.05...]]
    """

    def apply(self, params, state, x, call):
        return activations.selu(x), state


class GELU(Layer):
    """``x Φ(x)`` with Φ the normal distribution function.

    Parameters
    ----------
    approximate : bool, default=False
        Take ``(1 + tanh(sqrt(2 / π) (x + 0.044715 x³))) / 2`` for Φ, which is faster.
    **common
        As in `Layer`.

    References
    ----------
    Hendrycks & Gimpel (2016), Gaussian error linear units.

    Examples
    --------
    >>> import numpy as np
    >>> GELU()(np.array([[0.0, 10.0]], np.float32)).tolist()
    [[0.0, 10.0]]
    """

    def __init__(self, approximate: bool = False, **common) -> None:
        super().__init__(**common)
        self.approximate = check_value("GELU", "approximate", approximate, Boolean)

    def apply(self, params, state, x, call):
        return activations.gelu(x, self.approximate), state


class SiLU(Layer):
    """``x / (1 + exp(-x))``, also called Swish.

    Parameters
    ----------
    **common
        As in `Layer`.

    References
    ----------
    Ramachandran, Zoph & Le (2017), Searching for activation functions.

    Examples
    --------
    >>> import numpy as np
    >>> SiLU()(np.array([[0.0, 100.0]], np.float32)).tolist()
    [[0.0, 100.0]]
    """

    def apply(self, params, state, x, call):
        return activations.silu(x), state


class Mish(Layer):
    """``x tanh(log(1 + exp(x)))``.

    Parameters
    ----------
    **common
        As in `Layer`.

    References
    ----------
    Misra (2019), Mish: a self regularized non-monotonic activation function.

    Examples
    --------
    >>> import numpy as np
    >>> Mish()(np.array([[0.0, 100.0]], np.float32)).tolist()
    [[0.0, 100.0]]
    """

    def apply(self, params, state, x, call):
        return activations.mish(x), state


class Softplus(Layer):
    """``log(1 + exp(x))``: positive outputs.

    Parameters
    ----------
    **common
        As in `Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> Softplus()(np.array([[100.0]], np.float32)).tolist()
    [[100.0]]
    """

    def apply(self, params, state, x, call):
        return activations.softplus(x), state


class Softmax(Layer):
    """``exp(x) / sum(exp(x))``: positive outputs that sum to 1.

    Parameters
    ----------
    axis : int, default=-1
        The axis of the sum.
    **common
        As in `Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> Softmax()(np.zeros((1, 4), np.float32)).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """

    def __init__(self, axis: int = -1, **common) -> None:
        super().__init__(**common)
        self.axis = check_value("Softmax", "axis", axis, Kind((int,), "an axis number, such as -1 for the last"))

    def apply(self, params, state, x, call):
        return activations.softmax(x, self.axis), state


Swish = SiLU
