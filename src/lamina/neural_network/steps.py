"""From an estimator's parameters to its optimizer, and to the numbers that each step takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina.layers import Layer
from lamina.optimizers import OPTIMIZERS, SGD, Adam, Optimizer
from lamina.optimizers.schedules import (
    CosineDecay,
    ExponentialDecay,
    OneCycle,
    PolynomialDecay,
    Schedule,
    as_schedule,
    constant,
    inverse_scaling,
)

#: solvers that are gradient descent with momentum; whether it is Nesterov's, or None to ask `nesterovs_momentum`
SGD_SOLVERS: dict[str, bool | None] = {"sgd": None, "momentum": False, "nesterov": True}
#: names of learning rates; the first three are scikit-learn's, of which the last two concern `SGD_SOLVERS` alone
LEARNING_RATES = ("constant", "invscaling", "adaptive", "plateau", "onecycle", "cosine", "exponential", "linear")
#: share of the learning rate that is left at the end of "exponential"
EXPONENTIAL_END = 0.01
#: from a name, the number that it starts from, and the number of steps, to the learning rate
NAMED_SCHEDULES: dict[str, Callable[[float, int], Any]] = {
    "constant": lambda start, total_steps: start,
    "onecycle": lambda start, total_steps: OneCycle(start),
    "cosine": CosineDecay,
    "exponential": lambda start, total_steps: ExponentialDecay(start, total_steps, EXPONENTIAL_END),
    "linear": lambda start, total_steps: PolynomialDecay(start, total_steps, end_learning_rate=0.0),
}


def optimizer_of(estimator, total_steps: int = 1) -> Optimizer:
    """The optimizer that a stochastic solver stands for."""
    if isinstance(estimator.solver, Optimizer):
        return estimator.solver
    common = {
        "learning_rate": learning_rate_of(estimator, total_steps),
        "weight_decay": estimator.weight_decay,
        "global_clipnorm": estimator.clipnorm,
        "clipvalue": estimator.clipvalue,
        "use_ema": estimator.ema is not None,
        "ema_momentum": 0.99 if estimator.ema is None else estimator.ema,
    }
    if is_sgd(estimator):
        nesterov = SGD_SOLVERS[estimator.solver]
        # any momentum above 0 makes SGD keep a velocity; the value that each step takes is the estimator's
        return SGD(
            momentum=0.9, nesterov=bool(estimator.nesterovs_momentum if nesterov is None else nesterov), **common
        )
    if estimator.solver == "adam":
        return Adam(beta_1=estimator.beta_1, beta_2=estimator.beta_2, epsilon=estimator.epsilon, **common)
    kind = OPTIMIZERS[estimator.solver]
    own = {name: getattr(estimator, name) for name in ("beta_1", "beta_2", "epsilon") if name in kind.parameters()}
    if common["weight_decay"] is None:
        del common["weight_decay"]  # AdamW has a default of its own
    return kind(**own, **common)


def is_sgd(estimator) -> bool:
    """Whether the solver is gradient descent with the estimator's momentum."""
    return isinstance(estimator.solver, str) and estimator.solver in SGD_SOLVERS


def lowers_rate(estimator) -> bool:
    """Whether the learning rate falls, instead of the training ending, when patience runs out."""
    name = estimator.learning_rate
    return isinstance(name, str) and (name == "plateau" or (name == "adaptive" and is_sgd(estimator)))


def first_rate(estimator) -> float:
    """`learning_rate_init`, or the number that the last training has found in its place."""
    given = estimator.learning_rate_init
    return estimator.learning_rate_init_ if isinstance(given, str) else given


def learning_rate_of(estimator, total_steps: int) -> Any:
    """A number or a schedule; `learning_rate_init` is where it starts, or for "onecycle" its maximum."""
    start, name = first_rate(estimator), estimator.learning_rate
    if callable(name):
        return name
    return NAMED_SCHEDULES[name](start, total_steps) if name in NAMED_SCHEDULES else start


def loss_values(estimator) -> dict[str, float]:
    """The traced values of the loss by their names in a plan."""
    return {f"loss/{name}": value for name, value in estimator._loss().hyper().items()}


def layer_values(estimator) -> dict[str, Any]:
    """The layers' traced values by their names in a plan."""
    layers = estimator._layers(estimator.n_outputs_)
    return {f"{name}/{key}": value for name, layer in layers for key, value in layer.hyper().items()}


def schedules_of(
    estimator, layers: tuple[tuple[str, Layer], ...], n_rows: int, total_steps: int, fresh: bool
) -> dict[str, Schedule]:
    """A schedule for everything that a step may read."""
    schedules = {"alpha": constant(estimator.alpha), "l1": constant(estimator.l1)}
    for name, layer in layers:
        schedules |= {f"{name}/{key}": as_schedule(value, total_steps) for key, value in layer.hyper().items()}
    schedules |= {name: constant(value) for name, value in loss_values(estimator).items()}
    schedules |= optimizer_of(estimator, total_steps).schedules(total_steps)
    if is_sgd(estimator) and estimator.learning_rate != "onecycle":
        schedules["momentum"] = constant(estimator.momentum)
    if is_sgd(estimator) and estimator.learning_rate == "invscaling":
        seen = getattr(estimator, "t_", 0)
        schedules["learning_rate"] = inverse_scaling(first_rate(estimator), estimator.power_t, n_rows, seen, fresh)
    return schedules
