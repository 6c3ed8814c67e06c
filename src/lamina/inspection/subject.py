"""What is inspected: an estimator or a model, as the engine sees it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from lamina.engine.plan import Plan
from lamina.engine.precision import precision
from lamina.engine.probe import Probe
from lamina.engine.program import Program, program_for
from lamina.engine.run import Data, fresh_optimizer_state, plan_dtype
from lamina.errors import InvalidParameter
from lamina.models import Sequential
from lamina.models.arrays import check_rows as rows_of_model
from lamina.neural_network.base import BaseMLP
from lamina.neural_network.inputs import check_validation
from lamina.neural_network.steps import optimizer_of, schedules_of
from lamina.optimizers.schedules import Schedule, as_schedule
from lamina.reuse.fine_tuning import FineTuning


@dataclass
class Subject:
    """A network with its loss and optimizer, at one moment of its training."""

    plan: Plan
    params: Any
    state: Any
    optimizer_state: Any
    schedules: dict[str, Schedule]

    @cached_property
    def program(self) -> Program:
        """The compiled functions of the plan."""
        return program_for(self.plan)

    @property
    def layers(self) -> list[str]:
        """The names of the layers."""
        return [name for name, _ in self.plan.layers]

    def values(self, epoch: int, step: int, **known: float) -> dict[str, Any]:
        """The traced values at a step, which is counted over all epochs; `known` ones as given."""
        dtype, at = plan_dtype(self.plan), (np.full((1, 1), epoch), np.full((1, 1), step))
        values = {name: np.ravel(schedule(*at))[0] for name, schedule in self.schedules.items()} | known
        return {name: dtype.type(values[name]) for name in self.plan.hyper_names}

    def batch(self, rows: tuple) -> Data:
        """Checked rows in the plan's dtype, without padding."""
        x, y, weight = rows
        dtype = plan_dtype(self.plan)
        weight = np.ones(len(x)) if weight is None else weight
        return Data(x.astype(dtype), y if y.dtype == bool else y.astype(dtype), weight.astype(dtype))

    def follow(self, model: Sequential) -> None:
        """Take the weights that a model has now, in the midst of its training, and what its optimizer remembers."""
        (self.params, self.state), self.optimizer_state = model.open(), model.optimizer_state

    def measure(self, probe: Probe, values: dict[str, Any]) -> jax.Array:
        """`lamina.engine.probe.probe`, which the next epoch need not await."""
        with precision(self.plan.dtype):
            return self.program.probe(self.params, self.state, self.optimizer_state, values, *probe)


def generator_of(model: Any) -> np.random.RandomState:
    """A copy of the generator that its next training would draw from."""
    return copy.deepcopy(check_random_state(getattr(model, "random_state", None)))


def checked_rows(model: Any, X: Any, y: Any, sample_weight: Any = None) -> tuple:
    """Inputs, targets and weights (or None) as the engine takes them."""
    if isinstance(model, Sequential):
        return tuple(rows_of_model(model, X, y, sample_weight))
    check_is_fitted(model)
    given = (X, y) if sample_weight is None else (X, y, sample_weight)
    return check_validation(model, given, model.n_outputs_, "inspection")


def as_trained_on(model: Any, X: Any, y: Any) -> tuple[Any, Any]:
    """Rows and targets as the network within gets them: of a fine-tuning, past the source's preprocessing."""
    return model.as_trained_on(X, y) if isinstance(model, FineTuning) else (X, y)


def network_within(model: Any) -> Any:
    """What was trained: the model itself, or what a fine-tuning has put on top of its source's layers."""
    return model.network_ if isinstance(model, FineTuning) else model


def class_weights(model: Any, y: Any) -> np.ndarray | None:
    """What an estimator's `class_weight` makes the rows weigh."""
    return None if isinstance(model, Sequential) else model._apply_class_weight(None, y)


def no_network(model: Any, sequential: str = "Sequential") -> InvalidParameter:
    """What to say to something that is neither an estimator nor a model."""
    return InvalidParameter(
        f"Got an object of type {type(model).__name__}. Expected an MLPClassifier, an MLPRegressor or a {sequential} "
        "model; of a Pipeline, its last step with the rows as that step gets them."
    )


def check_subject(model: Any) -> None:
    """Raise unless it is something that makes steps."""
    if isinstance(model, Sequential):
        model._check_compiled()
    elif isinstance(model, FineTuning):
        return
    elif not isinstance(model, BaseMLP):
        raise no_network(model, "compiled Sequential")
    elif model.n_members != 1:
        raise InvalidParameter(
            f"n_members={model.n_members} is an ensemble, and this looks at a single network. Give an estimator with "
            "n_members=1, or one of the ensemble's estimators_."
        )
    elif model.solver == "lbfgs":
        raise InvalidParameter('solver="lbfgs" has no steps to look at. Use a stochastic one, such as "adam".')


def subject_of(model: Any, n_rows: int, total_steps: int, beginning: bool = False) -> Subject:
    """The network of an estimator that has weights, or of a compiled model, in a training of so many rows and steps.

    At the `beginning` of a training, an estimator's optimizer remembers nothing; a model's goes on.
    """
    check_subject(model)
    if isinstance(model, Sequential):
        return _of_model(model, total_steps)
    check_is_fitted(model)
    return _of_estimator(model, n_rows, total_steps, beginning)


def _of_estimator(estimator: BaseMLP, n_rows: int, total_steps: int, beginning: bool) -> Subject:
    optimizer = optimizer_of(estimator, total_steps)
    plan = estimator._plan(optimizer=optimizer)
    params, state = estimator._weights()
    schedules = schedules_of(estimator, estimator._layers(estimator.n_outputs_), n_rows, total_steps, True)
    remembered = None if beginning else getattr(estimator, "_optimizer_state", None)
    if remembered is None:
        remembered = fresh_optimizer_state(plan, params, optimizer)
    return Subject(plan, params, state, remembered, schedules)


def _of_model(model: Sequential, total_steps: int) -> Subject:
    assert model.optimizer is not None
    params, state = model.open()
    plan = model.training_plan(1, 1)
    schedules = model.optimizer.schedules(total_steps)
    schedules |= {name: as_schedule(value, total_steps) for name, value in model.traced_values().items()}
    return Subject(plan, params, state, model.optimizer_state_for(plan, params), schedules)
