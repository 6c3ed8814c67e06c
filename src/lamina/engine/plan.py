"""The plan: what is compiled. Weightless, hashable by value, shared by clones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from lamina.layers import Layer
from lamina.losses import Loss
from lamina.metrics import Metric
from lamina.optimizers import Optimizer

#: what every epoch writes into the log, besides the metrics
LOG_COLUMNS = ("ran", "loss", "learning_rate", "reason", "stale", "rate", "val_loss")
#: those of them that only the engine needs
BOOKKEEPING = ("ran", "reason", "stale", "rate")


@dataclass(frozen=True)
class Plan:
    """Layers up to the output before its link, the loss with its link, the optimizer's kind, and the dtype.

    Learning rates, penalties, seeds, numbers of rows and epochs are not here: they are traced values.
    """

    layers: tuple[tuple[str, Layer], ...]
    loss: Loss
    #: scores by their names in the log, measured on the validation rows; the first one may decide when to stop,
    #: or the loss where there is none
    metrics: tuple[tuple[str, Metric], ...]
    optimizer: Optimizer
    dtype: str = "float32"
    #: rows per step; the last batch of an epoch may be shorter
    batch_width: int = 200
    #: evaluate the validation rows after every epoch
    validate: bool = False
    #: keep the weights of the best epoch
    keep_best: bool = False
    #: measure the metrics on the training batches too, as they pass
    train_metrics: bool = False
    #: divide a batch's loss by its sum of weights (scikit-learn) instead of its number of rows (Keras)
    weighted_mean: bool = True
    #: penalties on all kernels; their strengths are per-step values of the same names
    penalties: tuple[str, ...] = ("alpha",)
    #: names of the layers whose weights stay as they are
    frozen: tuple[str, ...] = ()

    @cached_property
    def hyper_names(self) -> tuple[str, ...]:
        """The per-step values that a step reads, in the order of the hyper array's last axis."""
        of_layers = (f"{name}/{key}" for name, layer in self.layers for key in layer.hyper())
        of_loss = (f"loss/{key}" for key in self.loss.hyper())
        return (*self.penalties, *self.optimizer.hyper_names, *of_layers, *of_loss)

    @property
    def log_columns(self) -> tuple[str, ...]:
        """The numbers that an epoch writes into the log."""
        names = [name for name, _ in self.metrics]
        of_training = names if self.train_metrics else []
        return (*LOG_COLUMNS, *of_training, *(f"val_{name}" for name in names))

    @property
    def noisy(self) -> bool:
        """Whether some layer draws random numbers."""
        return any(layer.noisy for _, layer in self.layers)
