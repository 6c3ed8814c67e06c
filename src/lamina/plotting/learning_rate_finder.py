"""The range test of learning rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from lamina.plotting.display import BLUE, GREEN, GREY, PURPLE, VERMILLION, Display, Panel, dress

#: attribute, words and look of the proposals
_PROPOSALS = (
    ("steepest", "steepest descent", GREEN, "--"),
    ("valley", "valley", PURPLE, "-."),
    ("below_blow_up", "a tenth of the turning point", VERMILLION, ":"),
)


class LearningRateFinderDisplay(Display):
    """Loss over the learning rate of a range test, with what it proposes.

    Parameters
    ----------
    rates : array of shape (n_steps,)
        Learning rates, growing.
    losses : array of shape (n_steps,)
        Loss of the batch at each.
    smoothed : array of shape (n_steps,)
        The same, smoothed.
    proposals : mapping of str to float, optional
        Learning rates by name: "steepest", "valley", "below_blow_up"; None or NaN where there is none.
    suggestion : float, optional
        The one to take.

    Attributes
    ----------
    rates, losses, smoothed, proposals, suggestion
        As given; proposals that are None or NaN are left out.
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.

    Examples
    --------
    >>> display = LearningRateFinderDisplay([0.01, 0.1, 1], [2, 1, 9], [2, 1, 9], {"valley": 0.1, "steepest": None})
    >>> display.proposals
    {'valley': 0.1}
    """

    def __init__(
        self,
        rates: Any,
        losses: Any,
        smoothed: Any,
        proposals: Mapping[str, float | None] | None = None,
        suggestion: float | None = None,
    ) -> None:
        self.rates = np.asarray(rates, dtype=float)
        self.losses = np.asarray(losses, dtype=float)
        self.smoothed = np.asarray(smoothed, dtype=float)
        given = dict(proposals or {})
        self.proposals = {name: float(rate) for name, rate in given.items() if rate is not None and np.isfinite(rate)}
        self.suggestion = suggestion

    @classmethod
    def from_range(cls, result: Any) -> Self:
        """Take the result of `lamina.inspection.find_learning_rate`.

        Parameters
        ----------
        result : object
            With ``rates``, ``losses``, ``smoothed``, ``steepest``, ``valley``, ``below_blow_up`` and ``suggestion``.

        Returns
        -------
        LearningRateFinderDisplay
        """
        proposals = {name: getattr(result, name) for name, *_ in _PROPOSALS}
        return cls(result.rates, result.losses, result.smoothed, proposals, result.suggestion)

    def _panels(self) -> Sequence[Panel]:
        return [self._draw_range]

    def _draw_range(self, axes: Any) -> None:
        axes.plot(self.rates, self.losses, color=GREY, alpha=0.4, linewidth=0.8, label="loss of a batch")
        axes.plot(self.rates, self.smoothed, color=BLUE, linewidth=1.8, label="smoothed")
        for name, words, colour, dashes in _PROPOSALS:
            if name in self.proposals:
                rate = self.proposals[name]
                axes.axvline(rate, color=colour, linestyle=dashes, linewidth=1.5, label=f"{words}: {rate:.2g}")
        if self.suggestion is not None:
            self._mark(axes, self.suggestion)
        axes.set_xscale("log")
        axes.set_ylim(*self._limits())
        dress(axes, "learning rate", "loss", legend=True)

    def _mark(self, axes: Any, rate: float) -> None:
        height = np.interp(np.log(rate), np.log(self.rates), self.smoothed)
        label = f"suggestion: {rate:.2g}"
        axes.plot(rate, height, "o", color=BLUE, markersize=8, markeredgecolor="white", label=label)

    def _limits(self) -> tuple[float, float]:
        """Room for the smoothed loss up to twice its height at the start: a blow-up must not flatten the rest."""
        known = self.smoothed[np.isfinite(self.smoothed)]
        low, start = known.min(), known[0]
        high = min(known.max(), start + 0.5 * (start - low) + 0.05 * abs(start))
        room = 0.08 * (high - low) or 1.0
        return low - room, high + room
