"""The record of a training: all that the doctor looks at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing

from lamina.engine.history import Span, spans
from lamina.engine.loop import to_device
from lamina.engine.plan import Plan
from lamina.engine.precision import precision
from lamina.engine.predict import predict
from lamina.engine.run import plan_dtype
from lamina.inspection.gradient_flow import GradientFlow
from lamina.inspection.subject import Subject, checked_rows, subject_of
from lamina.losses import OF_CLASS_NUMBERS
from lamina.models import Sequential
from lamina.neural_network.stochastic import rows_per_step


@dataclass
class Record:
    """A trained network with its rows, and what was noted while it trained.

    A *skill* is the share of the loss that the network has removed: ``1 - loss / loss of the best constant``. It is R²
    for squared errors; 1 is perfect, 0 is a network that has learned nothing, below 0 it is worse than that.
    """

    model: Any
    #: as `fit` got them
    X: Any
    y: Any
    validation_data: tuple
    #: inputs, targets and weights as the engine takes them
    rows: tuple
    valid: tuple
    flow: GradientFlow
    history: dict[str, np.ndarray]
    planned_epochs: int
    batch_size: int
    #: parameters of an estimator; empty for a model
    settings: dict[str, Any]

    @cached_property
    def subject(self) -> Subject:
        """The network as it was left."""
        return subject_of(self.model, len(self.rows[0]), self.planned_epochs * self.steps_per_epoch)

    @property
    def learned_before(self) -> tuple[str, ...]:
        """Names of the layers that were not drawn but reused, or pretrained."""
        return () if isinstance(self.model, Sequential) else self.model._learned_before

    @property
    def plan(self) -> Plan:
        """The network's plan."""
        return self.subject.plan

    @property
    def layers(self) -> list[Any]:
        """The layers with all that they were told, initializers included."""
        if isinstance(self.model, Sequential):
            return self.model.all_layers
        return [layer for _, layer in self.model._layers(self.model.n_outputs_)]

    @property
    def steps_per_epoch(self) -> int:
        """Updates of the weights in an epoch."""
        return -(-len(self.rows[0]) // self.batch_size)

    @property
    def epochs(self) -> int:
        """Epochs that were trained."""
        return len(self.history["loss"])

    @property
    def classes(self) -> bool:
        """Whether the targets are classes, one of which is right."""
        return self.plan.loss.link == "softmax" or (self.plan.loss.link == "logistic" and self.rows[1].shape[1] == 1)

    @property
    def diverged(self) -> bool:
        """Whether the training ended because the loss was no number any more or had exploded."""
        loss = self.history["loss"]
        return not np.isfinite(loss).all() or loss[-1] > 1e3 * abs(loss[0])

    @property
    def n_classes(self) -> int:
        """The number of classes; two share one output."""
        return max(int(self.labels(self.rows).max()), int(self.labels(self.valid).max()), 1) + 1

    @cached_property
    def baseline(self) -> float:
        """The loss of the best constant prediction, on the training rows."""
        return self._loss_of_constant(self.rows)

    @cached_property
    def train_skill(self) -> float:
        """The skill on the training rows, with dropout off."""
        return 1 - self.loss_on(self.rows) / self.baseline

    @cached_property
    def val_skill(self) -> float:
        """The skill on the validation rows."""
        return 1 - self.loss_on(self.valid) / self.baseline

    @cached_property
    def val_curve(self) -> np.ndarray:
        """The skill on the validation rows after every epoch."""
        return 1 - self.history["val_loss"] / self.baseline

    def loss_on(self, rows: tuple, model: Any = None) -> float:
        """The loss on rows, without penalties and with dropout off; of another model with the same plan if given."""
        subject, values, plan = self._subject(model), self._last_values(), self.plan
        with precision(plan.dtype):
            arrays = (subject.params, subject.state, to_device(plan, *rows))
            return float(np.asarray(subject.program.evaluate(*arrays, (None, values)))[0])

    def val_skill_of(self, model: Any) -> float:
        """The skill of another model with the same plan on the validation rows."""
        return 1 - self.loss_on(self.valid, model) / self.baseline

    def probabilities(self, rows: tuple, model: Any = None) -> np.ndarray:
        """Of each class, of shape (n_rows, n_classes)."""
        subject = self._subject(model)
        x = rows[0].astype(plan_dtype(self.plan))
        p = predict(subject.program.predict, subject.program, subject.params, subject.state, x)
        return p if p.shape[1] > 1 else np.hstack([1 - p, p])

    def labels(self, rows: tuple) -> np.ndarray:
        """The number of each row's class."""
        y = rows[1]
        return y.argmax(axis=1) if y.shape[1] > 1 else y[:, 0].astype(int)

    def folds(self, n_folds: int) -> np.ndarray:
        """A fold for each training row, with equal shares of each class; -1 for classes with too few rows for that."""
        n_rows = len(self.rows[0])
        order = np.random.RandomState(0).permutation(n_rows)
        labels = self.labels(self.rows) if self.classes else np.zeros(n_rows, int)
        folds = np.full(n_rows, -1)
        for label in np.unique(labels):
            members = order[labels[order] == label]
            if len(members) >= n_folds:
                folds[members] = np.arange(len(members)) % n_folds
        return folds

    def some_rows(self, which: np.ndarray) -> tuple[Any, Any]:
        """The training rows of a mask, as `fit` gets them."""
        chosen = np.flatnonzero(which)
        return _safe_indexing(self.X, chosen), _safe_indexing(self.y, chosen)

    def _subject(self, model: Any) -> Subject:
        return self.subject if model is None else subject_of(model, len(self.rows[0]), 1)

    def _last_values(self) -> dict[str, Any]:
        return self.subject.values(self.epochs, self.epochs * self.steps_per_epoch)

    def _loss_of_constant(self, rows: tuple) -> float:
        _, y, weight = rows
        plan = self.plan
        weight = np.ones(len(y)) if weight is None else weight
        if isinstance(self.model.loss, OF_CLASS_NUMBERS):
            classes = np.bincount(y[:, 0].astype(int), weights=weight, minlength=self.layers[-1].units)
            share = classes / classes.sum()
        else:
            share = np.average(y.astype(float), axis=0, weights=weight)
        before_link = {
            "softmax": lambda p: np.log(np.maximum(p, 1e-7)),
            "logistic": lambda p: np.log(np.maximum(p, 1e-7) / np.maximum(1 - p, 1e-7)),
            "exp": lambda p: np.log(np.maximum(p, 1e-7)),
        }.get(plan.loss.link, lambda p: p)(share)
        values = self.subject.values(0, 0)
        with precision(plan.dtype):
            loss = plan.loss.at({k.removeprefix("loss/"): v for k, v in values.items() if k.startswith("loss/")})
            per_row = loss.per_row(y, np.tile(before_link, (len(y), 1)))
        return float(np.average(np.asarray(per_row, np.float64), weights=weight))


def record_of(model: Any, X: Any, y: Any, validation_data: tuple, flow: GradientFlow) -> Record:
    """The record of a model that was trained on rows with the callback `flow`."""
    rows, valid = checked_rows(model, X, y), checked_rows(model, *validation_data)
    if isinstance(model, Sequential):
        assert model.history is not None
        history, settings = model.history.history, {}
        planned, batch_size = model.history.params["epochs"], model.history.params["batch_size"]
    else:
        history, settings = model.history_, model.get_params(deep=False)
        settings["learning_rate_init"] = model.learning_rate_init_  # the number, also of "find"
        *_, last = spans(history["phase"]) if "phase" in history else (Span("", 0, 0),)
        planned, batch_size = last.first + model.max_iter, rows_per_step(model, len(rows[0]))
    curves = {name: np.asarray(values, float) for name, values in history.items() if name != "phase"}
    return Record(model, X, y, validation_data, rows, valid, flow, curves, planned, batch_size, settings)
