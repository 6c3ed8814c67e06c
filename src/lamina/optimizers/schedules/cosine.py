"""Schedules along half a cosine, with a warm-up or with restarts."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.checks import Is, Number, check_value
from lamina.optimizers.schedules.base import LearningRateSchedule

_ABOVE_0 = Number(0, open_low=True)


def half_cosine(part: Any) -> Any:
    """From 1 at ``part = 0`` down to 0 at ``part = 1``."""
    return (1 + np.cos(np.pi * part)) / 2


class CosineDecay(LearningRateSchedule):
    """A straight warm-up, if wanted, then half a cosine from the top down to `alpha` of it.

    ``top · ((1 - alpha) · (1 + cos(π · t / decay_steps)) / 2 + alpha)`` with t the steps since the warm-up, at most
    `decay_steps`; the top is `warmup_target`, or `initial_learning_rate` without a warm-up.

    Parameters
    ----------
    initial_learning_rate : float
        Value at step 0.
    decay_steps : float
        Steps of the way down.
    alpha : float, default=0.0
        Where it ends, as a share of the top.
    name : str, optional
        A name for it.
    warmup_target : float, optional
        Value at the end of the warm-up; without it there is no warm-up.
    warmup_steps : float, default=0
        Steps of the warm-up.

    References
    ----------
    Loshchilov & Hutter (2016), SGDR: Stochastic gradient descent with warm restarts.

    Examples
    --------
    >>> CosineDecay(0.0, decay_steps=4, warmup_target=1.0, warmup_steps=2)(np.array([0, 1, 2, 4, 6])).round(6).tolist()
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str | None = None,
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        owner = type(self).__name__
        self.initial_learning_rate = check_value(owner, "initial_learning_rate", initial_learning_rate, Number(0))
        self.decay_steps = check_value(owner, "decay_steps", decay_steps, _ABOVE_0)
        self.alpha = check_value(owner, "alpha", alpha, Number(0))
        self.name = name
        self.warmup_target = check_value(owner, "warmup_target", warmup_target, Number(0), Is(None))
        self.warmup_steps = check_value(owner, "warmup_steps", warmup_steps, Number(0))

    def __call__(self, step: Any) -> Any:
        if self.warmup_target is None:
            return self._decay(step, self.initial_learning_rate)
        step = np.asarray(step)
        warming = step / max(self.warmup_steps, 1)
        rising = (1 - warming) * self.initial_learning_rate + warming * self.warmup_target
        falling = self._decay(step - self.warmup_steps, self.warmup_target)
        return np.where(step < self.warmup_steps, rising, falling)

    def _decay(self, step: Any, top: float) -> Any:
        part = np.minimum(np.asarray(step) / self.decay_steps, 1)
        return top * ((1 - self.alpha) * half_cosine(part) + self.alpha)


class CosineDecayRestarts(LearningRateSchedule):
    """Half a cosine from the top down to `alpha` of it, again and again; each `t_mul` times longer than the last.

    Parameters
    ----------
    initial_learning_rate : float
        Value at step 0.
    first_decay_steps : float
        Steps until the first restart.
    t_mul : float, default=2.0
        Length of each period as a multiple of the one before; at least 1.
    m_mul : float, default=1.0
        Top of each period as a multiple of the one before.
    alpha : float, default=0.0
        Where each period ends, as a share of `initial_learning_rate`.
    name : str, optional
        A name for it.

    References
    ----------
    Loshchilov & Hutter (2016), SGDR: Stochastic gradient descent with warm restarts.

    Examples
    --------
    >>> CosineDecayRestarts(1.0, first_decay_steps=2)(np.array([0, 1, 2, 4, 6])).round(6).tolist()
    [1.0, 0.5, 1.0, 0.5, 1.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str | None = None,
    ) -> None:
        owner = type(self).__name__
        self.initial_learning_rate = check_value(owner, "initial_learning_rate", initial_learning_rate, Number(0))
        self.first_decay_steps = check_value(owner, "first_decay_steps", first_decay_steps, _ABOVE_0)
        self.t_mul = check_value(owner, "t_mul", t_mul, Number(1))
        self.m_mul = check_value(owner, "m_mul", m_mul, Number(0))
        self.alpha = check_value(owner, "alpha", alpha, Number(0))
        self.name = name

    def __call__(self, step: Any) -> Any:
        restarts, part = self._period(np.asarray(step) / self.first_decay_steps)
        height = self.m_mul**restarts * half_cosine(part)
        return self.initial_learning_rate * ((1 - self.alpha) * height + self.alpha)

    def _period(self, time: Any) -> tuple[Any, Any]:
        """Restarts so far and the part of the present period that has passed; `time` counts first periods."""
        if self.t_mul == 1:
            return np.floor(time), time - np.floor(time)
        # the sum of k periods is (t_mul^k - 1) / (t_mul - 1); the last bits of a logarithm must not delay a restart
        restarts = np.floor(np.log1p(time * (self.t_mul - 1)) / np.log(self.t_mul) + 1e-9)
        length = self.t_mul**restarts
        return restarts, (time - (length - 1) / (self.t_mul - 1)) / length
