"""ReLU and its kin as layers: the inputs above 0 as they are, those below made small."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from lamina import activations, noise
from lamina.checks import Is, Kind, Number, check_value
from lamina.constraints import get_constraint
from lamina.errors import DataError
from lamina.initializers import get_initializer
from lamina.layers.base import Layer
from lamina.regularizers import get_regularizer


class ReLU(Layer):
    """``x`` from the threshold on, at most `max_value`; ``negative_slope (x - threshold)`` below.

    Parameters
    ----------
    max_value : float, optional
        The largest output.
    negative_slope : float, default=0.0
        Slope below the threshold.
    threshold : float, default=0.0
        Where the inputs begin to count.
    **common
        As in `Layer`.

    References
    ----------
    Nair & Hinton (2010), Rectified linear units improve restricted Boltzmann machines.

    Examples
    --------
    >>> import numpy as np
    >>> ReLU(max_value=6.0)(np.array([[-1.0, 2.0, 9.0]], np.float32)).tolist()
    [[0.0, 2.0, 6.0]]
    """

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **common
    ) -> None:
        super().__init__(**common)
        self.max_value = check_value("ReLU", "max_value", max_value, Number(0), Is(None))
        self.negative_slope = check_value("ReLU", "negative_slope", negative_slope, Number(0))
        self.threshold = check_value("ReLU", "threshold", threshold, Number(0))

    def apply(self, params, state, x, call):
        return activations.relu(x, self.negative_slope, self.max_value, self.threshold), state


class LeakyReLU(Layer):
    """``x`` above 0, ``negative_slope x`` below, so that no unit is without a gradient.

    Parameters
    ----------
    negative_slope : float, default=0.3
        Slope below 0, Keras' default; the older spelling ``alpha=`` is understood.
    **common
        As in `Layer`.

    References
    ----------
    Maas, Hannun & Ng (2013), Rectifier nonlinearities improve neural network acoustic models.

    Examples
    --------
    >>> import numpy as np
    >>> LeakyReLU(0.5)(np.array([[-1.0, 2.0]], np.float32)).tolist()
    [[-0.5, 2.0]]
    """

    def __init__(self, negative_slope: float = 0.3, **common) -> None:
        slope = common.pop("alpha", negative_slope)
        super().__init__(**common)
        self.negative_slope = check_value("LeakyReLU", "negative_slope", slope, Number(0))

    def apply(self, params, state, x, call):
        return activations.leaky_relu(x, self.negative_slope), state


class PReLU(Layer):
    """``x`` above 0, ``alpha x`` below, with an alpha for every input that is learned.

    Parameters
    ----------
    alpha_initializer : str, Initializer or callable, default="zeros"
        How the slopes begin.
    alpha_regularizer : str, Regularizer or callable, optional
        Penalty on the slopes.
    alpha_constraint : str, Constraint or callable, optional
        What the slopes are brought back to after each update.
    shared_axes : int or list of int, optional
        Axes along which all inputs share a slope; the first after the rows is 1.
    **common
        As in `Layer`.

    References
    ----------
    He et al. (2015), Delving deep into rectifiers.

    Examples
    --------
    >>> import numpy as np
    >>> PReLU("ones")(np.array([[-1.0, 2.0]], np.float32)).tolist()
    [[-1.0, 2.0]]
    """

    hosted: ClassVar[tuple[str, ...]] = ("alpha_initializer",)

    def __init__(
        self,
        alpha_initializer: Any = "zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: int | list[int] | tuple[int, ...] | None = None,
        **common,
    ) -> None:
        super().__init__(**common)
        get_initializer(alpha_initializer)
        self.alpha_initializer = alpha_initializer
        self.alpha_regularizer = get_regularizer(alpha_regularizer)
        self.alpha_constraint = get_constraint(alpha_constraint)
        self.shared_axes = check_value(
            "PReLU", "shared_axes", shared_axes, Kind((int, list, tuple), "an axis number or several"), Is(None)
        )

    def init(self, rng, input_shape):
        shared = (self.shared_axes,) if isinstance(self.shared_axes, int) else self.shared_axes or ()
        if not all(1 <= axis <= len(input_shape) for axis in shared):
            raise DataError(
                f"PReLU got shared_axes={self.shared_axes!r} for rows of shape {input_shape}. The axes of a row are "
                f"numbered from 1 to {len(input_shape)}."
            )
        shape = tuple(1 if axis in shared else size for axis, size in enumerate(input_shape, start=1))
        size = input_shape[-1] if input_shape else 1
        return (
            {"alpha": get_initializer(self.alpha_initializer, "prelu").draw(rng, shape, (size, size))},
            {},
            input_shape,
        )

    def apply(self, params, state, x, call):
        return jnp.where(x > 0, x, params["alpha"] * x), state


class RReLU(Layer):
    """``x`` above 0, ``a x`` below, with a random slope a in training and the mean slope in prediction.

    Parameters
    ----------
    lower, upper : float, default=1/8, 1/3
        The slope is uniform between them, drawn anew for every input.
    **common
        As in `Layer`.

    References
    ----------
    Xu et al. (2015), Empirical evaluation of rectified activations in convolutional network.

    Examples
    --------
    >>> import numpy as np
    >>> RReLU(0.25, 0.75)(np.array([[-1.0, 2.0]], np.float32)).tolist()
    [[-0.5, 2.0]]
    """

    noisy = True

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, **common) -> None:
        super().__init__(**common)
        self.lower = check_value("RReLU", "lower", lower, Number(0))
        self.upper = check_value("RReLU", "upper", upper, Number(lower))

    def apply(self, params, state, x, call):
        if call.training:
            share = noise.uniform(call.seed, call.noise_shape(x.shape), x.dtype)
            slope = self.lower + (self.upper - self.lower) * share
        else:
            slope = (self.lower + self.upper) / 2
        return jnp.where(x >= 0, x, slope * x), state


class ELU(Layer):
    """``x`` above 0, ``alpha (exp(x) - 1)`` below.

    Parameters
    ----------
    alpha : float, default=1.0
        The outputs end at -alpha far to the left.
    **common
        As in `Layer`.

    References
    ----------
    Clevert, Unterthiner & Hochreiter (2016), Fast and accurate deep network learning by exponential linear units.

    Examples
    --------
    >>> import numpy as np
    >>> ELU()(np.array([[-100.0, 2.0]], np.float32)).tolist()
    [[-1.0, 2.0]]
    """

    def __init__(self, alpha: float = 1.0, **common) -> None:
        super().__init__(**common)
        self.alpha = check_value("ELU", "alpha", alpha, Number(0))

    def apply(self, params, state, x, call):
        return activations.elu(x, self.alpha), state
