"""The dense layer that reads another one's kernel the other way round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from lamina.activations import Activation
from lamina.checks import Boolean, Kind, Number, check_value
from lamina.errors import DataError
from lamina.initializers import Initializer, get_initializer
from lamina.layers.base import Layer
from lamina.layers.dense import affine, checked_activation


class DenseTranspose(Layer):
    """``activation(x @ kernel.T + bias)`` with an earlier dense layer's kernel and a bias of its own: tied weights.

    The kernel stays the earlier layer's, counts once, and gets the gradient of both uses. So a decoder has half of an
    autoencoder's weights, as the transpose of its encoder.

    Parameters
    ----------
    units : int
        Number of outputs: that of the earlier layer's inputs.
    of : str
        The name of the earlier layer in the same model, such as ``Dense(30, name="encoder")``.
    activation : str, callable, Layer or None, default=None
        As in `Dense`.
    use_bias : bool, default=True
        Whether a bias is added.
    bias_initializer : str, Initializer or callable, default="zeros"
        How the bias is drawn.
    **common
        As in `Layer`.

    Raises
    ------
    DataError
        If there is no such layer, or if its kernel has another shape.

    References
    ----------
    Hinton & Salakhutdinov (2006), Reducing the dimensionality of data with neural networks.

    Examples
    --------
    >>> import numpy as np
    >>> from lamina.layers import Dense
    >>> from lamina.models import Sequential
    >>> model = Sequential([Dense(2, name="encoder", input_shape=(5,)), DenseTranspose(5, of="encoder")])
    >>> model.count_params(), model.predict(np.ones((3, 5))).shape
    (17, (3, 5))
    """

    hosted: ClassVar[tuple[str, ...]] = ("bias_initializer",)

    def __init__(
        self,
        units: int,
        of: str,
        activation: str | Activation | Layer | None = None,
        use_bias: bool = True,
        bias_initializer: str | Initializer | Callable = "zeros",
        **common,
    ) -> None:
        super().__init__(**common)
        self.units = check_value("DenseTranspose", "units", units, Number(1, whole=True))
        self.of: str = check_value("DenseTranspose", "of", of, Kind((str,), "the name of a layer"))
        self.activation = checked_activation(activation)
        self.use_bias = check_value("DenseTranspose", "use_bias", use_bias, Boolean)
        get_initializer(bias_initializer, self.activation)
        self.bias_initializer = bias_initializer

    def init(self, rng, input_shape):
        *rows, inputs = input_shape
        draw = get_initializer(self.bias_initializer, self.activation).draw
        params = {"bias": draw(rng, (self.units,), (inputs, self.units))} if self.use_bias else {}
        return params, {}, (*rows, self.units)

    def gathered(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        kernel = params.get(self.of, {}).get("kernel")
        if kernel is None or kernel.shape[0] != self.units:
            found = "no kernel" if kernel is None else f"a kernel of shape {kernel.shape}"
            raise DataError(
                f"{name} has {self.units} units and the kernel of {self.of!r}, but {self.of!r} has {found}. Give it "
                f"the name of a dense layer with {self.units} inputs; the layers are {', '.join(sorted(params))}."
            )
        return {**params[name], "kernel": kernel.T}

    def apply(self, params, state, x, call):
        if "kernel" not in params:
            raise DataError(f"{self!r} has no kernel of its own. Run it within the model that has {self.of!r}.")
        return affine(params, x, call, self.activation), state
