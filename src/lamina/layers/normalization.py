"""Layers that bring their inputs to mean 0 and variance 1."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from lamina.checks import Boolean, Is, Kind, Number, check_value
from lamina.constraints import get_constraint
from lamina.data.rows import check_finite
from lamina.errors import DataError
from lamina.initializers import get_initializer
from lamina.layers.base import Arrays, Layer, Shape
from lamina.regularizers import get_regularizer

_AXES = Kind((int, list, tuple), "an axis number, such as -1 for the last, or several")


def _places(axis: Any, ndim: int) -> tuple[int, ...]:
    """The numbers of the given axes in a batch of `ndim` axes, from 0 for the rows, in their order."""
    return tuple(sorted({number % ndim for number in ((axis,) if isinstance(axis, int) else axis)}))


def _features_last(x: jax.Array, axis: Any) -> tuple[jax.Array, Callable[[jax.Array], jax.Array]]:
    """`x` with its features, which may lie on several axes, on a single last one; and the way back."""
    places = _places(axis, x.ndim)
    ends = tuple(range(-len(places), 0))
    moved = jnp.moveaxis(x, places, ends)
    return moved.reshape(*moved.shape[: ends[0]], -1), lambda y: jnp.moveaxis(y.reshape(moved.shape), ends, places)


class Scaled(Layer):
    """What normalising layers share: axes, and an output ``gamma x + beta`` with all that is said of these two."""

    hosted: ClassVar[tuple[str, ...]] = ("beta_initializer", "gamma_initializer")

    def __init__(
        self,
        axis: int | list[int] | tuple[int, ...] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **common,
    ) -> None:
        super().__init__(**common)
        owner = type(self).__name__
        self.axis = check_value(owner, "axis", axis, _AXES)
        self.epsilon = check_value(owner, "epsilon", epsilon, Number(0))
        self.center = check_value(owner, "center", center, Boolean)
        self.scale = check_value(owner, "scale", scale, Boolean)
        get_initializer(beta_initializer), get_initializer(gamma_initializer)
        self.beta_initializer, self.gamma_initializer = beta_initializer, gamma_initializer
        self.beta_regularizer, self.gamma_regularizer = map(get_regularizer, (beta_regularizer, gamma_regularizer))
        self.beta_constraint, self.gamma_constraint = map(get_constraint, (beta_constraint, gamma_constraint))

    def init(self, rng, input_shape):
        wanted = {"gamma": self.gamma_initializer} if self.scale else {}
        if self.center:
            wanted["beta"] = self.beta_initializer
        return self._draw(rng, input_shape, wanted), {}, input_shape

    def _draw(self, rng: np.random.RandomState, input_shape: Shape, initializers: dict[str, Any]) -> Arrays:
        """A number for each feature from each of the initializers."""
        shape = tuple((0, *input_shape)[place] for place in _places(self.axis, len(input_shape) + 1))
        fans = (math.prod(shape), math.prod(shape))
        return {name: get_initializer(how).draw(rng, shape, fans) for name, how in initializers.items()}

    def _scale_and_shift(self, params: Arrays, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        """`gamma` and `beta`, with a number for each feature of `x`, which lie on its last axis."""
        size, dtype = x.shape[-1], x.dtype
        return params.get("gamma", jnp.ones(size, dtype)).ravel(), params.get("beta", jnp.zeros(size, dtype)).ravel()


class BatchNormalization(Scaled):
    """``gamma (x - mean) / sqrt(variance + epsilon) + beta``, with the statistics of the batch in training.

    Prediction uses moving averages of them: ``moving = momentum moving + (1 - momentum) batch``. Padded rows and rows
    of weight 0 have no part in the statistics. A frozen layer (``trainable=False``) always uses its moving averages.

    Parameters
    ----------
    axis : int or list of int, default=-1
        The axis of the features, or several; statistics are taken over all others. For images without channels, -1
        takes a column of pixels as one feature and [1, 2] every pixel by itself.
    momentum : float, default=0.99
        Share of the moving averages that stays at each step, from 0 to 1.
    epsilon : float, default=0.001
        Added to the variance.
    center, scale : bool, default=True
        Whether there is a `beta`, a `gamma`.
    beta_initializer, gamma_initializer : str, Initializer or callable, default="zeros", "ones"
        Their first values.
    moving_mean_initializer, moving_variance_initializer : str, Initializer or callable, default="zeros", "ones"
        The first values of the moving averages.
    beta_regularizer, gamma_regularizer : str, Regularizer or callable, optional
        Penalties on `beta` and `gamma` that are added to the loss.
    beta_constraint, gamma_constraint : str, Constraint or callable, optional
        What they are brought back to after each update.
    **common
        As in `Layer`.

    References
    ----------
    Ioffe & Szegedy (2015), Batch normalization.

    Examples
    --------
    >>> import numpy as np
    >>> layer = BatchNormalization()
    >>> layer(np.array([[1.0], [3.0]], np.float32), training=True).round(2).tolist()
    [[-1.0], [1.0]]
    """

    hosted: ClassVar[tuple[str, ...]] = (*Scaled.hosted, "moving_mean_initializer", "moving_variance_initializer")

    def __init__(
        self,
        axis: int | list[int] | tuple[int, ...] = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        **common,
    ) -> None:
        super().__init__(axis, epsilon, center, scale, beta_initializer, gamma_initializer, **common)
        self.momentum = check_value("BatchNormalization", "momentum", momentum, Number(0, 1))
        get_initializer(moving_mean_initializer), get_initializer(moving_variance_initializer)
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer

    def init(self, rng, input_shape):
        params, _, shape = super().init(rng, input_shape)
        moving = {"moving_mean": self.moving_mean_initializer, "moving_variance": self.moving_variance_initializer}
        return params, self._draw(rng, input_shape, moving), shape

    def apply(self, params, state, x, call):
        x, back = _features_last(x, self.axis)
        gamma, beta = self._scale_and_shift(params, x)
        shape = state["moving_mean"].shape
        if call.training and not call.frozen:
            rows = jnp.ones(x.shape[0], x.dtype) if call.rows is None else (call.rows != 0).astype(x.dtype)
            counted = jnp.broadcast_to(rows.reshape(-1, *[1] * (x.ndim - 2)), x.shape[:-1]).ravel()
            y, mean, variance = _normalize(self.epsilon, x.reshape(-1, x.shape[-1]), counted, gamma, beta)
            y = y.reshape(x.shape)
            state = {
                "moving_mean": self._moved(state["moving_mean"], mean.reshape(shape)),
                "moving_variance": self._moved(state["moving_variance"], variance.reshape(shape)),
            }
        else:
            factor = gamma * jax.lax.rsqrt(state["moving_variance"].ravel() + self.epsilon)
            y = x * factor + (beta - state["moving_mean"].ravel() * factor)
        return back(y), state

    def _moved(self, average, new):
        return average * self.momentum + jax.lax.stop_gradient(new) * (1 - self.momentum)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def _normalize(epsilon, x, counted, gamma, beta):
    """The normalised rows, and mean and variance of those that count.

    Means are products with a row vector and the derivative is the closed form: a third faster on a CPU than what
    automatic differentiation makes of the definition.
    """
    return _normalize_forward(epsilon, x, counted, gamma, beta)[0]


def _normalize_forward(epsilon, x, counted, gamma, beta):
    share = counted / jnp.maximum(jnp.sum(counted), 1)
    mean = share @ x
    centred = x - mean
    variance = share @ (centred * centred)
    inverse = jax.lax.rsqrt(variance + epsilon)
    normal = centred * inverse
    return (normal * gamma + beta, mean, variance), (normal, inverse, counted, share, gamma)


def _normalize_backward(epsilon, saved, cotangents):
    normal, inverse, counted, share, gamma = saved
    dy = cotangents[0]  # mean and variance feed the moving averages alone, which have no derivative
    ones = jnp.ones_like(counted)
    dbeta, dgamma = ones @ dy, ones @ (dy * normal)
    rows = share[:, None]
    dx = gamma * inverse * (dy - rows * (dbeta + normal * dgamma))
    return dx, jnp.zeros_like(counted), dgamma, dbeta


_normalize.defvjp(_normalize_forward, _normalize_backward)


class LayerNormalization(Scaled):
    """``gamma (x - mean) / sqrt(variance + epsilon) + beta``, with the statistics of each row by itself.

    Parameters
    ----------
    axis : int or list of int, default=-1
        The axis that is normalised, or several together.
    epsilon : float, default=0.001
        Added to the variance.
    center, scale : bool, default=True
        Whether there is a `beta`, a `gamma`.
    beta_initializer, gamma_initializer : str, Initializer or callable, default="zeros", "ones"
        Their first values.
    beta_regularizer, gamma_regularizer : str, Regularizer or callable, optional
        Penalties on `beta` and `gamma` that are added to the loss.
    beta_constraint, gamma_constraint : str, Constraint or callable, optional
        What they are brought back to after each update.
    **common
        As in `Layer`.

    References
    ----------
    Ba, Kiros & Hinton (2016), Layer normalization.

    Examples
    --------
    >>> import numpy as np
    >>> LayerNormalization()(np.array([[1.0, 3.0]], np.float32)).round(2).tolist()
    [[-1.0, 1.0]]
    """

    def apply(self, params, state, x, call):
        x, back = _features_last(x, self.axis)
        gamma, beta = self._scale_and_shift(params, x)
        centred = x - x.mean(-1, keepdims=True)
        y = centred * jax.lax.rsqrt(jnp.mean(centred * centred, -1, keepdims=True) + self.epsilon)
        return back(y * gamma + beta), state


class Normalization(Layer):
    """``(x - mean) / sqrt(variance)`` with the statistics of the data that `adapt` has seen: a scaler as a layer.

    Parameters
    ----------
    axis : int, list of int or None, default=-1
        The axis of the features, or several, each with statistics of its own over all other axes; None takes all
        numbers together.
    mean, variance : float or array-like of shape (n_features,), optional
        Known statistics; otherwise call `adapt` before training.
    invert : bool, default=False
        The way back instead: ``x sqrt(variance) + mean``.
    **common
        As in `Layer`.

    Raises
    ------
    DataError
        If the layer is used with neither given statistics nor `adapt`, or their shape is not that of the features.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Normalization()
    >>> layer.adapt(np.array([[1.0], [3.0]]))
    >>> layer(np.array([[2.0], [3.0]], np.float32)).tolist()
    [[0.0], [1.0]]
    """

    def __init__(
        self,
        axis: int | list[int] | tuple[int, ...] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **common,
    ) -> None:
        super().__init__(**common)
        self.axis = check_value("Normalization", "axis", axis, _AXES, Is(None))
        if (mean is None) != (variance is None):
            raise DataError("Normalization needs both mean and variance, or neither and a call of adapt(data).")
        self.mean = mean
        self.variance = variance
        self.invert = check_value("Normalization", "invert", invert, Boolean)

    def adapt(self, data) -> None:
        """Learn mean and variance of each column.

        Parameters
        ----------
        data : array-like of shape (n_samples, n_features)
            The rows, usually those that the model is trained on.
        """
        data = np.asarray(data, np.float64)
        if data.ndim < 2:
            raise DataError(f"adapt needs rows and columns. Received the shape {data.shape}. Try adapt(data[:, None]).")
        check_finite(data.reshape(len(data), -1), "Normalization")
        kept = self._kept(data.ndim)
        others = tuple(place for place in range(data.ndim) if place not in kept)
        self.mean, self.variance = data.mean(axis=others), data.var(axis=others)
        self.store = None

    def _kept(self, ndim: int) -> tuple[int, ...]:
        """The axes of the features in a batch of `ndim` axes."""
        return () if self.axis is None else _places(self.axis, ndim)

    def init(self, rng, input_shape):
        if self.mean is None:
            raise DataError(
                "This Normalization layer has no statistics yet. Call layer.adapt(X_train) before training."
            )
        kept = self._kept(len(input_shape) + 1)
        features = tuple(input_shape[place - 1] for place in kept)
        shape = tuple(size if place in kept else 1 for place, size in enumerate(input_shape, start=1))
        state = {"mean": self.mean, "variance": self.variance}
        try:
            spread = {name: np.broadcast_to(value, features).reshape(shape) for name, value in state.items()}
        except ValueError as error:
            raise DataError(
                f"Normalization has statistics of shape {np.shape(self.mean)} for features of shape {features}. Call "
                "layer.adapt(X_train) on rows like those of the model."
            ) from error
        return {}, {name: np.array(array) for name, array in spread.items()}, input_shape

    def recipe(self):
        copy = super().recipe()
        copy.mean = copy.variance = None  # they are state
        return copy

    def apply(self, params, state, x, call):
        deviation = jnp.maximum(jnp.sqrt(state["variance"]), 1e-7)  # Keras' guard: a constant column becomes 0
        return (x * deviation + state["mean"] if self.invert else (x - state["mean"]) / deviation), state
