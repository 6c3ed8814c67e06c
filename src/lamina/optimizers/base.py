"""What every optimizer is: a recipe, and an Optax transformation built from the values of the step."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import optax

from lamina.checks import Number, check_value
from lamina.recipe import Recipe

Hyper = dict[str, jax.Array]


class Optimizer(Recipe):
    """A kind of optimizer. Its numbers are traced: they reach each step as an array, so schedules compile nothing.

    Parameters
    ----------
    learning_rate : float, schedule or callable
        Size of the steps: a number, an object of `lamina.optimizers.schedules`, or any function of the step's number.
    weight_decay : float, optional
        Decoupled decay: each step first takes ``learning_rate weight_decay w`` off every weight.
    clipnorm : float, optional
        Largest norm of the gradient of each single weight array.
    clipvalue : float, optional
        Largest absolute value of each component of the gradient.
    global_clipnorm : float, optional
        Largest norm of the gradient of all weights together.
    name : str, optional
        A name for it.
    """

    labels: ClassVar[tuple[str, ...]] = ("name",)
    traced: ClassVar[tuple[str, ...]] = ("learning_rate", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        *,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        owner = type(self).__name__
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.name = name
        if not callable(learning_rate):
            check_value(owner, "learning_rate", learning_rate, Number(0))
        for limit in ("weight_decay", "clipnorm", "clipvalue", "global_clipnorm"):
            if getattr(self, limit) is not None:
                check_value(owner, limit, getattr(self, limit), Number(0))

    @property
    def hyper_names(self) -> tuple[str, ...]:
        """The per-step values that `transform` reads."""
        return tuple(self.hyper())

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        """The update rule by itself, from gradients to the changes of the weights."""
        raise NotImplementedError

    def transform(self, hyper: Hyper) -> optax.GradientTransformation:
        """Clipping, the update rule and the decay, for one step; built inside the traced step."""
        return self.rule(hyper)
