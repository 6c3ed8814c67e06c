"""One phase of a fine-tuning: which layers learn, for how long, and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

#: names of the phases; the last one where nothing is reused
FROZEN, FINE_TUNING, TRAINING_ALL = "frozen", "fine-tuning", "training"


@dataclass(frozen=True)
class Phase:
    """A training that goes on from the weights of the one before; its optimizer and its patience begin anew."""

    #: as the history calls it
    name: str
    epochs: int
    #: number of layer objects, from the bottom, that stay as they are
    n_frozen: int
    learning_rate: float

    def prepare(self, network: Any) -> None:
        """Make the next `fit` of the network this phase."""
        network.set_params(n_frozen=self.n_frozen, max_iter=self.epochs, learning_rate_init=self.learning_rate)
        network._phase, network._no_improvement_count = self.name, 0

    def finish(self, network: Any) -> None:
        """Name the epochs that this phase has added."""
        del network._phase
        named = network.history_.get("phase", np.array([], str)) != ""
        network.history_.mark(self.name, np.count_nonzero(named))
