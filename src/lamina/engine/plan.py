"""The plan: what is compiled. Weightless, hashable by value, shared by clones."""

from __future__ import annotations

from dataclasses import dataclass

from lamina.layers import Layer
from lamina.optimizers import Optimizer


@dataclass(frozen=True)
class Plan:
    """Layers up to the output before its link, the loss with its link, the optimizer's kind, and the dtype.

    Learning rates, penalties, seeds, numbers of rows and epochs are not here: they are traced values.
    """

    layers: tuple[tuple[str, Layer], ...]
    loss: str
    metric: str
    optimizer: Optimizer
    dtype: str = "float32"
    #: rows per step; the last batch of an epoch may be shorter
    batch_width: int = 200
    #: evaluate the validation rows after every epoch
    validate: bool = False
    #: keep the weights of the best epoch
    keep_best: bool = False
    #: names of the layers whose weights stay as they are
    frozen: tuple[str, ...] = ()

    @property
    def hyper_names(self) -> tuple[str, ...]:
        """The per-step values that a step reads, in the order of the hyper array's last axis."""
        of_layers = (f"{name}/{key}" for name, layer in self.layers for key in layer.hyper())
        return ("alpha", *self.optimizer.hyper_names, *of_layers)

    @property
    def noisy(self) -> bool:
        """Whether some layer draws random numbers."""
        return any(layer.noisy for _, layer in self.layers)
