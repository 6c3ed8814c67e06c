"""Any Optax transformation as an optimizer."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import optax

from lamina.checks import Kind, check_value
from lamina.optimizers.base import Hyper, Optimizer


class Optax(Optimizer):
    """A transformation of Optax, or of your own; two are equal if they hold the same transformation object.

    Its numbers are part of what is compiled; those of `Optimizer` that are given here are not. Transformations that
    search along a line, such as ``optax.lbfgs()``, do so on the loss of each batch; large batches serve them best.

    Parameters
    ----------
    transformation : optax.GradientTransformation or optax.MultiSteps
        What makes changes of the weights out of gradients; its own learning rate included. With
        ``optax.MultiSteps(optax.adam(0.001), 4)`` it acts once for every four batches, on their mean gradient.
    learning_rate : float, schedule or callable, default=1.0
        A factor on those changes.
    **common
        As in `Optimizer`.

    Examples
    --------
    >>> optimizer = Optax(optax.chain(optax.clip(1.0), optax.adam(1e-3)))
    >>> optimizer == Optax(optimizer.transformation), optimizer == Optax(optax.adam(1e-3))
    (True, False)
    """

    def __init__(
        self, transformation: optax.GradientTransformation | optax.MultiSteps, learning_rate: Any = 1.0, **common
    ) -> None:
        super().__init__(learning_rate, **common)
        kind = Kind((optax.GradientTransformation, optax.MultiSteps), "an optax.GradientTransformation")
        self.transformation = check_value("Optax", "transformation", transformation, kind)

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        transformation = self.transformation
        if isinstance(transformation, optax.MultiSteps):
            transformation = transformation.gradient_transformation()
        return optax.chain(transformation, optax.scale(hyper["learning_rate"]))

    def begin(self, params: Any) -> Any:
        """The transformation's own first state; compiles a small program, since it may start anywhere."""
        one: dict[str, Any] = {name: np.float32(1) for name in self.hyper()}
        return jax.tree.map(np.asarray, jax.jit(self.rule(one).init)(params))
