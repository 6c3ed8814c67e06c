"""Activation functions and their derivatives."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import jax
import jax.numpy as jnp
import numpy as np

from lamina.activations import get_activation
from lamina.errors import InvalidParameter
from lamina.neural_network.inputs import check_activation
from lamina.plotting.display import Display, Panel, dress, legend_beside, line_style


class ActivationFunctionDisplay(Display):
    """Activation functions on the left, their derivatives on the right.

    Parameters
    ----------
    names : sequence of str
        What the functions are called.
    z : array of shape (n_points,)
        Where they are evaluated.
    values, derivatives : array of shape (n_functions, n_points)
        The functions and their derivatives there.

    Attributes
    ----------
    names, z, values, derivatives
        As given, as arrays.
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.

    Examples
    --------
    >>> display = ActivationFunctionDisplay.from_activations("relu", low=-1, high=1, n_points=3)
    >>> display.values.tolist(), display.derivatives.tolist()
    ([[0.0, 0.0, 1.0]], [[0.0, 0.0, 1.0]])
    """

    columns: ClassVar[int] = 2

    def __init__(self, names: Sequence[str], z: Any, values: Any, derivatives: Any) -> None:
        self.names = list(names)
        self.z = np.asarray(z)
        self.values = np.asarray(values)
        self.derivatives = np.asarray(derivatives)

    @classmethod
    def from_activations(cls, *activations: Any, low: float = -5.0, high: float = 5.0, n_points: int = 401) -> Self:
        """Evaluate functions; their derivatives are automatic.

        Parameters
        ----------
        *activations : str, callable or Layer
            Names as in `lamina.activations`, functions written with `jax.numpy`, or layers such as
            ``lamina.layers.LeakyReLU(0.1)``.
        low, high : float, default=-5, 5
            From where to where.
        n_points : int, default=401
            Number of points.

        Returns
        -------
        ActivationFunctionDisplay

        Raises
        ------
        UnknownName
            If there is no activation of that name.
        InvalidParameter
            If there is none at all, or one cannot be traced by JAX, or works on whole rows, as softmax does.
        """
        if not activations:
            raise InvalidParameter('Expected at least one activation, such as "relu". Received none.')
        z = np.linspace(low, high, n_points)
        curves = [_with_derivative(activation, z) for activation in activations]
        values, derivatives = zip(*curves, strict=True)
        return cls([_name_of(activation) for activation in activations], z, values, derivatives)

    @property
    def size(self) -> tuple[float, float]:
        return 10.0, 4.0

    def _panels(self) -> Sequence[Panel]:
        return [self._draw_values, self._draw_derivatives]

    def _draw_values(self, axes: Any) -> None:
        self._draw_curves(axes, self.values, "f(z)", "activation")

    def _draw_derivatives(self, axes: Any) -> None:
        self._draw_curves(axes, self.derivatives, "f'(z)", "derivative")

    def _draw_curves(self, axes: Any, curves: np.ndarray, ylabel: str, title: str) -> None:
        for number, (name, curve) in enumerate(zip(self.names, curves, strict=True)):
            axes.plot(self.z, curve, label=name, **line_style(number))
        dress(axes, "z", ylabel, title)
        if axes is self.axes_[-1]:
            legend_beside(axes)


def _name_of(activation: Any) -> str:
    """A name, that of a function, or a layer with its settings."""
    return activation if isinstance(activation, str) else getattr(activation, "__name__", repr(activation))


def _with_derivative(activation: Any, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and derivatives at `z`; other numbers in the other columns show whether columns are mixed."""
    function = copy.copy(get_activation(activation))  # a layer with weights, such as PReLU, gets them here
    check_activation(function)
    alike, other = jnp.stack([z, z, z], axis=1), jnp.stack([z, -z - 1, z / 2], axis=1)
    values, derivatives = jax.jvp(function, (alike,), (jnp.ones_like(alike),))
    if not np.array_equal(values[:, 0], function(other)[:, 0]):
        raise InvalidParameter(
            f"{_name_of(activation)} takes whole rows, so it has no curve. Expected a function of single numbers, such "
            'as "relu".'
        )
    return np.asarray(values[:, 0]), np.asarray(derivatives[:, 0])
