"""The order of rows in each epoch, drawn on the host from scikit-learn's stream of random numbers."""

from __future__ import annotations

import numpy as np


class Orders:
    """Row orders of successive epochs: each shuffles the last one, as scikit-learn's loop does."""

    def __init__(self, rows: np.ndarray, rng: np.random.RandomState, shuffle: bool) -> None:
        self.rows = rows
        self.rng = rng
        self.shuffle = shuffle
        self._before = (rng.get_state(), rows)

    def take(self, n_epochs: int) -> list[np.ndarray]:
        """The next `n_epochs` orders."""
        self._before = (self.rng.get_state(), self.rows)
        return [self._next() for _ in range(n_epochs)]

    def keep(self, n_epochs: int) -> None:
        """Leave the generator as if only the first `n_epochs` of the last `take` had been drawn."""
        state, self.rows = self._before
        self.rng.set_state(state)
        for _ in range(n_epochs):
            self._next()

    def _next(self) -> np.ndarray:
        if self.shuffle:
            index = np.arange(len(self.rows))
            self.rng.shuffle(index)
            self.rows = self.rows[index]
        return self.rows
