"""What every loss is: a recipe that gives one value per row."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from lamina.errors import DataError
from lamina.recipe import Recipe
from lamina.registry import Registry


def aligned(y, p):
    """Targets and predictions with the same number of axes: (n,) and (n, 1) become (n, 1) both.

    >>> import numpy as np
    >>> [a.shape for a in aligned(np.ones(3), np.ones((3, 1)))]
    [(3, 1), (3, 1)]
    """
    if y.ndim + 1 == p.ndim and p.shape[-1] == 1:
        return y[..., None], p
    if y.ndim == p.ndim + 1 and y.shape[-1] == 1:
        return y, p[..., None]
    return y, p


def row_means(values):
    """The mean over all axes but the first."""
    return values.mean(axis=tuple(range(1, values.ndim))) if values.ndim > 1 else values


class Loss(Recipe):
    """A loss: `per_row` gives one value per row, from the targets and the network's output.

    A subclass defines ``call(y_true, y_pred)``, with one value per row or several, whose mean is then taken. The engine
    weighs and averages the rows, so no loss has a ``reduction``.

    Parameters
    ----------
    name : str, optional
        A name for it; by default that of the class.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> class FourthPower(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return jnp.mean((y_true - y_pred) ** 4, axis=-1)
    >>> float(FourthPower()([[1.0], [2.0]], [[2.0], [4.0]]))
    8.5
    """

    labels: ClassVar[tuple[str, ...]] = ("name",)
    #: name of the activation that predictions go through after the output that the loss was given
    link: str = "identity"

    def __init__(self, *, name: str | None = None) -> None:
        self.name = name

    def recipe(self):
        """A copy without the traced values; whatever else a subclass has made of its parameters stays."""
        bare = copy.copy(self)
        vars(bare).update(vars(super().recipe()))
        return bare

    def call(self, y_true: jax.Array, y_pred: jax.Array) -> jax.Array:
        """Values of shape (n_samples, ...), from targets and outputs that are aligned and of one dtype."""
        raise NotImplementedError(f"{type(self).__name__} does not define call(y_true, y_pred).")

    def values(self, y_true, y_pred) -> jax.Array:
        """What `call` says, for targets of any dtype, and with the last axis of length 1 or left out."""
        y_true, y_pred = aligned(y_true, y_pred)
        return self.call(y_true.astype(y_pred.dtype), y_pred)

    def per_row(self, y, z) -> jax.Array:
        """One value per row, with z the network's output before the activation `link`."""
        return row_means(self.values(y, z))

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> jax.Array:
        """The sum of the weighted rows, divided by their number."""
        values = self.per_row(jnp.asarray(y_true), jnp.asarray(y_pred))
        return jnp.mean(values if sample_weight is None else values * jnp.asarray(sample_weight, values.dtype))


class PairedLoss(Loss):
    """A loss with one target for every output."""

    def values(self, y_true, y_pred):
        y, p = aligned(y_true, y_pred)
        if y.shape != p.shape:
            raise DataError(
                f"{type(self).__name__} compares each output with a target of its own. Received targets of shape "
                f"{y.shape} and outputs of shape {p.shape}. Give both one shape, or class numbers a sparse loss."
            )
        return super().values(y, p)


class LossFunction(Loss):
    """A function of targets and outputs as a loss.

    Parameters
    ----------
    function : callable
        ``function(y_true, y_pred)`` gives values of shape (n_samples, ...). One that gives a single number, such as the
        mean of its batch, is called on each row by itself.
    link : str, default="identity"
        Name of the output activation that belongs to the loss; predictions have gone through it.

    Examples
    --------
    >>> import numpy as np
    >>> squared = LossFunction(lambda y, z: ((y - z) ** 2).sum(axis=-1))
    >>> float(squared.per_row(np.array([[1.0]]), np.array([[3.0]]))[0])
    4.0
    """

    def __init__(self, function: Callable[[jax.Array, jax.Array], jax.Array], link: str = "identity") -> None:
        super().__init__(name=getattr(function, "__name__", None))
        self.function = function
        self.link = link

    def call(self, y_true, y_pred):
        values = jnp.asarray(self.function(y_true, y_pred))
        return values if values.ndim else jax.vmap(self._of_one_row)(y_true, y_pred)

    def _of_one_row(self, y_true, y_pred):
        return self.function(y_true[None], y_pred[None])


#: the classes by Keras' names and their abbreviations
LOSS_CLASSES: Registry[type[Loss]] = Registry("loss")
