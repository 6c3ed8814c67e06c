"""What every optimizer is: a recipe, and an Optax transformation built from the values of the step."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

import jax
import numpy as np
import optax

from lamina.checks import Boolean, Constraint, Is, Number, check_number, check_value
from lamina.errors import InvalidParameter, UnknownName
from lamina.optimizers.around import (
    Averaged,
    Multiplied,
    average_after,
    clip_first,
    decay_first,
    multiply_after,
)
from lamina.optimizers.rate import LearningRate
from lamina.optimizers.schedules import InverseTimeDecay, LearningRateSchedule, Schedule, as_schedule
from lamina.recipe import Recipe

Hyper = dict[str, jax.Array]

LIMITS = ("clipnorm", "clipvalue", "global_clipnorm")


class Optimizer(Recipe):
    """A kind of optimizer. Its numbers are traced: they reach each step as an array, so schedules compile nothing.

    A step clips the gradients, takes the decay off the weights, applies the update rule, and then updates the average
    of the weights; what is not asked for is not computed. Every number that may change over time can be a schedule or
    a function of the step. A subclass keeps its parameters as attributes, names the numbers among them in `traced`,
    and defines `rule`; if its state does not start at zeros, `begin` too.

    Parameters
    ----------
    learning_rate : float, schedule or callable
        Size of the steps: a number, an object of `lamina.optimizers.schedules`, any function of the step's number, or
        one without arguments, which is asked before each epoch (each batch, where a callback hears of batches).
    weight_decay : float, optional
        Decoupled decay: each step first takes ``learning_rate · weight_decay · w`` off every weight.
    clipnorm : float, optional
        Largest norm of the gradient of each single weight array. At most one of the three limits may be given.
    clipvalue : float, optional
        Largest absolute value of each component of the gradient.
    global_clipnorm : float, optional
        Largest norm of the gradient of all weights together.
    use_ema : bool, default=False
        Keep a running average of the weights, to finish with: see `averaged`.
    ema_momentum : float, default=0.99
        Share of the old average in each new one.
    name : str, optional
        A name for it.
    **old
        Keras' former spellings: ``lr`` for `learning_rate`, and ``decay`` for a learning rate of
        ``learning_rate / (1 + decay · step)``.
    """

    labels: ClassVar[tuple[str, ...]] = ("name",)
    traced: ClassVar[tuple[str, ...]] = ("learning_rate", "weight_decay", *LIMITS, "ema_momentum")
    #: the traced parameter that a schedule such as OneCycle moves along with the learning rate
    momentum_name: ClassVar[str | None] = None
    #: number of steps that a model has taken with it since it was compiled
    iterations: int = 0

    def __init__(
        self,
        learning_rate: Any = 0.001,
        *,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        name: str | None = None,
        **old: Any,
    ) -> None:
        owner = type(self).__name__
        self.learning_rate = self._modern(learning_rate, old)
        self.weight_decay = self.number("weight_decay", weight_decay, Number(0), Is(None))
        limits = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        given = {limit: value for limit, value in limits.items() if value is not None}
        if len(given) > 1:
            received = ", ".join(f"{limit}={value!r}" for limit, value in given.items())
            raise InvalidParameter(f"{owner} can clip in one way only. Received {received}. Leave out all but one.")
        for limit, value in limits.items():
            setattr(self, limit, self.number(limit, value, Number(0, open_low=True), Is(None)))
        self.use_ema = check_value(owner, "use_ema", use_ema, Boolean)
        self.ema_momentum = self.number("ema_momentum", ema_momentum, Number(0, 1))
        self.name = name

    def number(self, name: str, value: Any, *allowed: Constraint) -> Any:
        """`value`, once it is checked: a number that is allowed, or a schedule of such numbers."""
        return check_number(type(self).__name__, name, value, *allowed)

    def _modern(self, learning_rate: Any, old: dict[str, Any]) -> Any:
        """The learning rate that the former spellings `lr` and `decay` describe."""
        for name in old.keys() - {"lr", "decay"}:
            raise UnknownName.among(f"{type(self).__name__} parameter", name, [*self.parameters(), *self.labels])
        learning_rate, decay = old.get("lr", learning_rate), old.get("decay")
        if not decay:
            return learning_rate
        if callable(learning_rate):
            raise InvalidParameter(
                f"{type(self).__name__} received decay={decay!r} and a schedule as its learning rate. Leave out decay."
            )
        return InverseTimeDecay(learning_rate, decay_steps=1, decay_rate=decay)

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a `LearningRate`, which is a float, or the schedule that was given. It can be set."""
        value = vars(self)["learning_rate"]
        return LearningRate.of(self, value) if isinstance(value, float) else value

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        value = value.item() if getattr(value, "ndim", None) == 0 else value  # an array of one number
        checked = self.number("learning_rate", value, Number(0))
        vars(self)["learning_rate"] = checked if callable(checked) else float(checked)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        stored = vars(self)
        return {name: stored["learning_rate"] if name == "learning_rate" else value for name, value in config.items()}

    @property
    def lr(self) -> Any:
        """Keras' former name of `learning_rate`."""
        return self.learning_rate

    @lr.setter
    def lr(self, value: Any) -> None:
        self.learning_rate = value

    # -- the values of the steps ----------------------------------------------------------------------------------

    def idle(self) -> tuple[str, ...]:
        """The traced parameters that have no part in the step as configured."""
        return () if self.use_ema else ("ema_momentum",)

    def hyper(self) -> dict[str, Any]:
        values = {name: value for name, value in super().hyper().items() if name not in self.idle()}
        rate = self.learning_rate
        if self.momentum_name and isinstance(rate, LearningRateSchedule) and rate.momentum is not None:
            values[self.momentum_name] = rate.momentum
        return values

    @property
    def hyper_names(self) -> tuple[str, ...]:
        """The per-step values that `transform` reads."""
        return tuple(self.hyper())

    def schedules(self, total_steps: int | None = None) -> dict[str, Schedule]:
        """A schedule for each per-step value; `total_steps` is the planned number of steps."""
        return {name: as_schedule(value, total_steps) for name, value in self.hyper().items()}

    # -- the step -------------------------------------------------------------------------------------------------

    def rule(self, hyper: Hyper) -> optax.GradientTransformation:
        """The update rule by itself, from gradients to the changes of the weights."""
        raise NotImplementedError(f"{type(self).__name__} must define rule(self, hyper).")

    @property
    def decays(self) -> bool:
        """Whether some weights are decayed."""
        return self.weight_decay is not None

    def decayed(self, params: Any, hyper: Hyper) -> Any:
        """The weights after the decay and before the update rule."""
        kept = 1 - hyper["learning_rate"] * hyper["weight_decay"]
        return jax.tree.map(lambda w: w * kept, params)

    def multiplied_rule(self, hyper: Hyper, multiplied: Multiplied) -> optax.GradientTransformation:
        """`rule` with a learning rate of each layer's own; overridden where steps are no multiples of the rate."""
        return multiply_after(self.rule(hyper), multiplied)

    def transform(
        self, hyper: Hyper, multiplied: Multiplied | None = None, **searched: Any
    ) -> optax.GradientTransformation:
        """Clipping, decay, the update rule and the average, for one step; built inside the traced step.

        Rules that search along a line read what they need of `searched`: the loss, its gradient and its function.
        """
        rule = self.rule(hyper) if multiplied is None else self.multiplied_rule(hyper, multiplied)
        rule = optax.with_extra_args_support(rule)
        rule = optax.GradientTransformation(rule.init, functools.partial(rule.update, **searched))
        if any(limit in hyper for limit in LIMITS):
            rule = clip_first(rule, hyper)
        if self.decays:
            rule = decay_first(rule, lambda params: self.decayed(params, hyper), multiplied)
        if self.use_ema:
            rule = average_after(rule, hyper["ema_momentum"])
        return optax.GradientTransformation(self.start, rule.update)

    # -- the state ------------------------------------------------------------------------------------------------

    def begin(self, params: Any) -> Any:
        """The first state of the update rule, as NumPy arrays: zeros."""
        leaves, structure = jax.tree.flatten(params)
        shapes = _state_shapes(self.recipe(), structure, *(jax.ShapeDtypeStruct(a.shape, a.dtype) for a in leaves))
        return jax.tree.map(lambda s: np.zeros(s.shape, s.dtype), shapes)

    def start(self, params: Any) -> Any:
        """The state before the first step, as NumPy arrays."""
        with jax.enable_x64(_dtype(params) == np.float64):
            state = self.begin(params)
        return Averaged(np.zeros((), np.int32), params, state) if self.use_ema else state

    def averaged(self, params: Any, state: Any) -> Any:
        """The weights to finish with, or to evaluate: the running average where one is kept, else `params`."""
        return state.average if self.use_ema else params


@functools.lru_cache(maxsize=256)
def _state_shapes(optimizer: Optimizer, structure: Any, *leaves: jax.ShapeDtypeStruct) -> Any:
    """The shapes of an update rule's state. They are traced and nothing is compiled, yet it takes a millisecond."""
    params = jax.tree.unflatten(structure, leaves)
    hyper = {name: jax.ShapeDtypeStruct((), _dtype(params)) for name in optimizer.hyper()}
    return jax.eval_shape(lambda hyper, params: optimizer.rule(hyper).init(params), hyper, params)


def _dtype(params: Any) -> np.dtype:
    """The widest dtype of some arrays, at least float32."""
    return np.result_type(np.float32, *(leaf.dtype for leaf in jax.tree.leaves(params)))
