"""What every optimizer is: fixed configuration, and an Optax transformation built from the step's hyperparameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax
import optax

Hyper = dict[str, jax.Array]


@dataclass(frozen=True)
class Optimizer:
    """A kind of optimizer; its numbers (learning rate, momentum, ...) arrive per step as `Hyper`."""

    #: the per-step values that `transform` reads
    hyper_names: ClassVar[tuple[str, ...]] = ("learning_rate",)

    def transform(self, hyper: Hyper) -> optax.GradientTransformation:
        """The Optax transformation for one step, built inside the traced step."""
        raise NotImplementedError
