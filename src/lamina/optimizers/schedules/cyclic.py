"""The 1cycle policy: up, down, and a last drop, with the momentum going the other way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.checks import Boolean, Is, Name, Number, check_value
from lamina.errors import InvalidParameter
from lamina.optimizers.schedules.base import LearningRateSchedule
from lamina.optimizers.schedules.cosine import half_cosine


class OneCycle(LearningRateSchedule):
    """The learning rate goes up to its maximum and back down, then drops; the momentum goes down and back up.

    From ``max / div_factor`` at step 0 to ``max`` at step ``pct_start · total_steps - 1``, back at step
    ``2 · pct_start · total_steps - 2``, and to ``max / div_factor / final_div_factor`` at the last step; there it
    stays. By default: from a tenth of the maximum up to it and down again in nine tenths of the steps, and in the last
    tenth down to a thousandth of that, in straight lines. An optimizer that has momentum (or `beta_1`) takes it from
    here too: `max_momentum`, down to `base_momentum` at the top, and back.

    The parameters are those of PyTorch's ``OneCycleLR``, whose defaults are ``pct_start=0.3, anneal_strategy="cos",
    div_factor=25, final_div_factor=1e4, three_phase=False``.

    Parameters
    ----------
    max_learning_rate : float
        The maximum.
    total_steps : int, optional
        Number of steps of the training; by default the trainer tells it (epochs times steps per epoch).
    pct_start : float, default=0.45
        Share of the steps on the way up.
    anneal_strategy : {"linear", "cos"}, default="linear"
        Straight lines, or halves of cosines.
    div_factor : float, default=10.0
        The maximum divided by the first learning rate.
    final_div_factor : float, default=1000.0
        The first learning rate divided by the last.
    three_phase : bool, default=True
        Go down as long as up, then drop; False goes down to the last learning rate at once.
    base_momentum : float, default=0.85
        Momentum at the top.
    max_momentum : float or None, default=0.95
        Momentum at the start and at the end; None leaves the optimizer's momentum alone.
    name : str, optional
        A name for it.

    References
    ----------
    Smith & Topin (2017), Super-convergence: very fast training of neural networks using large learning rates.

    Examples
    --------
    >>> OneCycle(1.0, total_steps=100)(np.array([0, 22, 44, 66, 88, 99])).tolist()
    [0.1, 0.55, 1.0, 0.55, 0.1, 0.0001]
    >>> OneCycle(1.0, total_steps=100).momentum(np.array([0, 44, 88, 99])).round(6).tolist()
    [0.95, 0.85, 0.95, 0.95]
    """

    def __init__(
        self,
        max_learning_rate: float,
        total_steps: int | None = None,
        *,
        pct_start: float = 0.45,
        anneal_strategy: str = "linear",
        div_factor: float = 10.0,
        final_div_factor: float = 1000.0,
        three_phase: bool = True,
        base_momentum: float = 0.85,
        max_momentum: float | None = 0.95,
        name: str | None = None,
    ) -> None:
        share = Number(0, 0.5 if three_phase else 1, open_low=True, open_high=True)
        self.max_learning_rate = check_value("OneCycle", "max_learning_rate", max_learning_rate, Number(0))
        self.total_steps = check_value("OneCycle", "total_steps", total_steps, Number(1, whole=True), Is(None))
        self.pct_start = check_value("OneCycle", "pct_start", pct_start, share)
        self.anneal_strategy = check_value("OneCycle", "anneal_strategy", anneal_strategy, Name(("linear", "cos")))
        self.div_factor = check_value("OneCycle", "div_factor", div_factor, Number(0, open_low=True))
        self.final_div_factor = check_value("OneCycle", "final_div_factor", final_div_factor, Number(0, open_low=True))
        self.three_phase = check_value("OneCycle", "three_phase", three_phase, Boolean)
        self.base_momentum = check_value("OneCycle", "base_momentum", base_momentum, Number(0, 1))
        self.max_momentum = check_value("OneCycle", "max_momentum", max_momentum, Number(0, 1), Is(None))
        self.name = name

    def __call__(self, step: Any) -> Any:
        first = self.max_learning_rate / self.div_factor
        return self.along(step, first, self.max_learning_rate, first, first / self.final_div_factor)

    @property
    def momentum(self) -> LearningRateSchedule | None:  # type: ignore[override]
        """The momentum's schedule, or None."""
        return None if self.max_momentum is None else CycledMomentum(self)

    def planned(self, total_steps: int) -> OneCycle:
        if self.total_steps is not None:
            return self
        return OneCycle(**self.get_config() | {"total_steps": total_steps})

    def along(self, step: Any, first: float, top: float, back: float, last: float) -> Any:
        """The value at `step` of something that goes from `first` to `top`, `back`, and `last` in this cycle."""
        if self.total_steps is None:
            raise InvalidParameter(
                "OneCycle does not know the number of steps. Give total_steps, or call planned(total_steps)."
            )
        rise = self.pct_start * self.total_steps
        if self.three_phase:
            knots, values = [0, rise - 1, 2 * rise - 2, self.total_steps - 1], np.array([first, top, back, last])
        else:
            knots, values = [0, rise - 1, self.total_steps - 1], np.array([first, top, last])
        return self._between(np.asarray(step), knots, values)

    def _between(self, step: np.ndarray, knots: Sequence[float], values: np.ndarray) -> Any:
        """`values` at the knots, and the wanted curve between them."""
        position = np.interp(step, np.maximum.accumulate(knots), np.arange(len(knots)))
        phase = np.minimum(position.astype(int), len(knots) - 2)
        part = position - phase
        if self.anneal_strategy == "cos":
            part = 1 - half_cosine(part)
        return values[phase] * (1 - part) + values[phase + 1] * part


class CycledMomentum(LearningRateSchedule):
    """The momentum that goes with a `OneCycle`: high where the learning rate is low.

    Parameters
    ----------
    cycle : OneCycle
        The learning rate's schedule.

    Examples
    --------
    >>> CycledMomentum(OneCycle(1.0, total_steps=100, base_momentum=0.5, max_momentum=1.0))(44).item()
    0.5
    """

    def __init__(self, cycle: OneCycle) -> None:
        self.cycle = cycle

    def __call__(self, step: Any) -> Any:
        high, low = self.cycle.max_momentum, self.cycle.base_momentum
        assert high is not None
        return self.cycle.along(step, high, low, high, high)

    def planned(self, total_steps: int) -> CycledMomentum:
        return CycledMomentum(self.cycle.planned(total_steps))
