"""What the learning-rate range test tells: the curve of the loss over the rate, and the rates that it suggests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.ndimage import gaussian_filter1d

#: width of the smoothing (a Gaussian's deviation), as a share of the planned steps
SMOOTHING = 1 / 40
#: share of the fall of the loss after which the curve is at its turning point; the last bit of it is slow or noise
FALLEN = 0.98
#: what the turning point is divided by: to train well, and to be far from any trouble
BELOW, FAR_BELOW = 2, 10


@dataclass(frozen=True)
class LearningRateRange:
    """Losses at exponentially growing learning rates, and the rates that they suggest.

    The loss is flat at first, falls where steps are large enough to matter, turns, and shoots up where they are too
    large. All suggestions are taken from the smoothed curve.

    Attributes
    ----------
    rates, losses : ndarray of shape (n_tried,)
        The learning rate of each step, and the loss of its batch before it; without the steps after the loss shot up.
    n_steps : int
        The number of steps that were planned.
    smoothed : ndarray of shape (n_tried,)
        The losses under a Gaussian of deviation ``n_steps / 40``; those above twice the first one count as that.
    turning_point : float
        The first rate at which the loss has fallen by 98% of its whole fall: beyond, nothing is gained.
    steepest : float
        Where the loss falls fastest per factor on the rate; often too near to the turning point with noisy losses.
    valley : float
        The middle of the longest sequence of falling losses, not necessarily neighbours, as in fastai: careful.
    below_blow_up : float
        A tenth of the turning point: the rule of thumb of Géron's book.
    suggestion : float
        Half of the turning point: to train with.
    max_rate_for_one_cycle : float
        The turning point: the largest rate of 1cycle, which stays there for a moment only.

    References
    ----------
    Smith (2017), Cyclical learning rates for training neural networks.
    Howard & Gugger (2020), fastai: a layered API for deep learning.
    Géron (2019), Hands-on machine learning, chapter 11.

    Examples
    --------
    >>> rates = np.geomspace(1e-5, 1, 101)
    >>> losses = 1 - rates / (rates + 0.003) + 3 * rates**2
    >>> found = LearningRateRange(rates, losses, 101)
    >>> f"{found.turning_point:.1g} {found.suggestion:.1g} {found.below_blow_up:.1g}"
    '0.04 0.02 0.004'
    """

    rates: np.ndarray
    losses: np.ndarray
    n_steps: int

    @cached_property
    def smoothed(self) -> np.ndarray:
        """The losses without most of their noise."""
        bounded = np.minimum(self.losses, self.losses[0] + abs(self.losses[0]))
        return gaussian_filter1d(bounded, self.n_steps * SMOOTHING, mode="nearest")

    @property
    def turning_point(self) -> float:
        """The rate at which the fall is over."""
        start, lowest = self.smoothed[0], self.smoothed.min()
        return float(self.rates[np.argmax(self.smoothed <= start - FALLEN * (start - lowest))])

    @property
    def steepest(self) -> float:
        """The rate at which the loss falls fastest."""
        slope = np.gradient(self.smoothed, np.log(self.rates))
        return float(self.rates[slope[: self._lowest + 1].argmin()])

    @property
    def valley(self) -> float:
        """The middle of the longest sequence of falling losses."""
        falling = self.smoothed[: self._lowest + 1]
        length, first = np.ones(len(falling), int), np.arange(len(falling))
        for i, loss in enumerate(falling):
            above = np.flatnonzero(falling[:i] > loss)
            if len(above):
                before = above[length[above].argmax()]
                length[i], first[i] = length[before] + 1, first[before]
        last = length.argmax()
        return float(self.rates[(first[last] + last) // 2])

    @property
    def below_blow_up(self) -> float:
        """A tenth of the turning point."""
        return self.turning_point / FAR_BELOW

    @property
    def suggestion(self) -> float:
        """The rate to train with."""
        return self.turning_point / BELOW

    @property
    def max_rate_for_one_cycle(self) -> float:
        """The largest rate of 1cycle."""
        return self.turning_point

    def to_dict(self) -> dict[str, list | float]:
        """The curve and the suggestions as a plain tree, for JSON."""
        curve = {name: getattr(self, name).tolist() for name in ("rates", "losses", "smoothed")}
        names = ("turning_point", "steepest", "valley", "below_blow_up", "suggestion", "max_rate_for_one_cycle")
        return curve | {name: getattr(self, name) for name in names}

    @property
    def _lowest(self) -> int:
        """The step of the smallest smoothed loss."""
        return int(self.smoothed.argmin())

    def __repr__(self) -> str:
        return f"LearningRateRange(suggestion={self.suggestion:.2g}, after {len(self.rates)} of {self.n_steps} steps)"
