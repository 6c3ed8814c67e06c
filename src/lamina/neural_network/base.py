"""What the classifier and the regressor share: parameters, checks, and the way from `fit` into the engine and back."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import jax
import numpy as np
from sklearn.base import is_regressor
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight

from lamina.callbacks import Callback, TimeBudget
from lamina.checks import check_parameters
from lamina.data.rows import check_rows
from lamina.engine.history import History
from lamina.engine.precision import weight_dtype
from lamina.errors import DataError
from lamina.models.assumptions import broken_assumptions
from lamina.neural_network.architecture import hidden_activations, products
from lamina.neural_network.combinations import check_alone, check_combination
from lamina.neural_network.ensemble import fit_ensemble
from lamina.neural_network.inputs import (
    Prepared,
    check_activation,
    check_total,
    check_validation,
    dense_rows,
    first_weights,
    warn_of_large_targets,
)
from lamina.neural_network.lbfgs import fit_lbfgs
from lamina.neural_network.loss import check_loss
from lamina.neural_network.network import Network
from lamina.neural_network.parameters import CONSTRAINTS
from lamina.neural_network.pretraining import check_pretraining, fit_pretrained, labelled
from lamina.neural_network.state import REBUILT, from_tree, to_tree
from lamina.neural_network.steps import optimizer_of
from lamina.neural_network.stochastic import fit_stochastic, rows_per_step
from lamina.optimizers import Optimizer


class BaseMLP(Network):
    """Parameters, checks and training common to :class:`MLPClassifier` and :class:`MLPRegressor`."""

    _constraints: ClassVar = CONSTRAINTS
    pretrain: Any = None
    frozen_epochs: int = 0
    #: name of the phase that is being trained
    _phase: str = ""
    #: rows per step, of those that there are, with ``batch_size="auto"`` (scikit-learn's number)
    auto_batch: int = 200
    #: whether a training that takes all its epochs has ended too early
    _converges: ClassVar = True

    @property
    def _learned_before(self) -> tuple[str, ...]:
        """Names of the layers that training began with as something else had left them, and did not draw."""
        return () if self.pretrain is None else tuple(name for name, _ in self._layers(self.n_outputs_)[:-1])

    @abstractmethod
    def _encode_target(self, y, first: bool, incremental: bool) -> np.ndarray:
        """Targets of shape (n_samples, n_outputs) for the engine; learns classes when `first`."""

    def _check_parameters(self) -> None:
        given = self.get_params(deep=False)
        constraints = {name: self._constraints[name] for name in self._constraints if name in given}
        check_parameters(type(self).__name__, given, constraints)
        for activation in {id(a): a for a in hidden_activations(self) if callable(a)}.values():
            check_activation(activation)
        check_combination(self)

    def _fit(
        self,
        X,
        y,
        sample_weight=None,
        validation_data=None,
        coefs_init=None,
        intercepts_init=None,
        callbacks: Sequence[Callback] = (),
        incremental: bool = False,
        unlabeled=None,
    ):
        check_pretraining(self, incremental, coefs_init, intercepts_init, unlabeled)
        if self.n_members != 1:
            check_alone(coefs_init=coefs_init, intercepts_init=intercepts_init, callbacks=callbacks or None)
            fit_ensemble(self, X, y, sample_weight, validation_data, unlabeled)
            return self
        goes_on = self.warm_start and hasattr(self, "coefs_")
        prepared = self._prepare(X, y, sample_weight, validation_data, incremental)
        self.coefs_ = first_weights("coefs_init", coefs_init, self.coefs_)
        self.intercepts_ = first_weights("intercepts_init", intercepts_init, self.intercepts_)

        self._warn_of_assumptions(None if incremental else prepared.X, rows_per_step(self, len(prepared.X)))
        if self.pretrain is not None and not incremental:
            fit_pretrained(self, prepared, X, unlabeled, callbacks, goes_on)
        else:
            self._train(prepared, callbacks, incremental, None if incremental else self.time_budget)
        return self

    def _warn_of_assumptions(self, rows: np.ndarray | None, batch_size: int) -> None:
        """Say what the layers assume of the rows, or of the batch, that is not so."""
        layers = [layer for _, layer in self._layers(self.n_outputs_)]
        for sentence in broken_assumptions(layers, rows, batch_size):
            warnings.warn(sentence, UserWarning, stacklevel=4)

    def _train(
        self,
        prepared: Prepared,
        callbacks: Sequence[Callback] = (),
        incremental: bool = False,
        time_budget: float | None = None,
        max_epochs: int | None = None,
    ) -> None:
        """Train from the present weights on, for at most `max_epochs` epochs or else ``max_iter``."""
        if time_budget is not None:
            callbacks = [*callbacks, TimeBudget(time_budget)]
        if self.solver == "lbfgs":
            fit_lbfgs(self, *prepared[:-1], callbacks, max_epochs)
        else:
            fit_stochastic(self, prepared, callbacks, incremental, max_epochs)

    def _check_data(self, X, y, first: bool) -> tuple:
        """Rows and targets as arrays; `first` learns the columns."""
        return check_rows(self, X, y, reset=first, y_numeric=is_regressor(self))

    def _prepare(self, X, y, sample_weight=None, validation_data=None, incremental: bool = False) -> Prepared:
        """Check everything, and draw weights if there are none to go on with."""
        self._check_parameters()
        first = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        if self.pretrain is not None and not incremental:
            X, y, sample_weight = labelled(self, X, y, sample_weight)
        X, y = self._check_data(X, y, first)
        targets = self._encode_target(y, first, incremental)
        if first and is_regressor(self) and self.solver != "lbfgs":
            warn_of_large_targets(targets)
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        weight = check_total(self._apply_class_weight(weight, y))
        n_outputs = targets.shape[1]
        check_loss(self.loss, self._loss(), n_outputs)
        self._scores()  # raises for a score that does not suit these targets
        validation = None if validation_data is None else check_validation(self, validation_data, n_outputs)

        self.n_outputs_ = n_outputs
        self._dtype_ = str(X.dtype) if self.dtype == "auto" else self.dtype
        rng = check_random_state(self.random_state)
        if first:
            self._initialize(rng)
        elif self._ends() != (X.shape[-1], self.n_outputs_):
            inputs, outputs = self._ends()
            raise DataError(
                f"The network takes {inputs} columns and gives {outputs} outputs, "
                f"but received {X.shape[-1]} columns and {self.n_outputs_} outputs. Fit a new one (clone it first)."
            )
        return Prepared(dense_rows(X), targets, weight, validation, rng)

    def _ends(self) -> tuple[int, int]:
        """How many columns the present weights take, and how many outputs they give."""
        return self.coefs_[0].shape[0], self.coefs_[-1].shape[1]

    def _initialize(self, rng: np.random.RandomState) -> None:
        """Fresh weights and an empty record."""
        dtype = weight_dtype(self._dtype_)
        shape = self._row_shape
        store: tuple[dict, dict] = ({}, {})
        for name, layer in self._layers(self.n_outputs_):
            *drawn, shape = layer.init(rng, shape)
            for part, arrays in zip(store, drawn):
                part[name] = jax.tree.map(lambda value: value.astype(dtype), arrays)
        self._set_weights(*store)
        self.n_layers_ = len(products(self._layers(self.n_outputs_))) + 1
        self.out_activation_ = self._link()
        self.n_iter_ = self.t_ = 0
        self.history_ = History()
        self.stop_reason_ = None
        for name in ("_optimizer_state", "_best_weights", "best_loss_", "loss_curve_", "estimators_"):
            self.__dict__.pop(name, None)
        if self.solver != "lbfgs":
            self.loss_curve_: list[float] = []
            self._no_improvement_count = 0
            self.validation_scores_: list[float] | None = [] if self.early_stopping else None
            self.best_validation_score_ = -np.inf if self.early_stopping else None
            self.best_loss_ = None if self.early_stopping else np.inf

    def _without_label(self, y) -> np.ndarray:
        """Which rows have no target, marked as scikit-learn's semi-supervised estimators have them marked."""
        raise NotImplementedError

    def _known_targets(self, y, known: np.ndarray) -> np.ndarray:
        """The targets of the rows that have one."""
        raise NotImplementedError

    def _apply_class_weight(self, weight, y):
        """Sample weights times class weights; classifiers only."""
        return weight

    def save(self, path) -> None:
        """Write the estimator to a file that :func:`lamina.load` reads without running code.

        Parameters
        ----------
        path : str or path-like
            The file; an existing one is replaced in one step.

        Raises
        ------
        InvalidParameter
            If a parameter is a function: a model file holds no code.
        """
        from lamina.persistence import save

        save(self, path)

    def _get_state(self) -> dict[str, Any]:
        """The estimator as a plain tree."""
        return to_tree(self)

    @classmethod
    def _from_state(cls, tree: dict[str, Any]):
        """The estimator of a plain tree."""
        return from_tree(cls, tree)

    def _optimizer(self) -> Optimizer:
        """The stochastic optimizer."""
        return optimizer_of(self)

    def __getstate__(self):
        state = dict(super().__getstate__())
        for name in REBUILT:
            state.pop(name, None)
        return state

    def __setstate__(self, state) -> None:
        super().__setstate__(state)
        self._device_weights = {}
        for array in [*self.__dict__.get("coefs_", []), *self.__dict__.get("intercepts_", [])]:
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _takes_parts(self) -> bool:
        """Raise the AttributeError that hides `partial_fit` from what cannot be trained by it."""
        if self.solver == "lbfgs":
            raise AttributeError(
                f"partial_fit is only available for stochastic optimizers. {self.solver} is not stochastic."
            )
        if self.n_members != 1:
            raise AttributeError(f"partial_fit trains one network; n_members={self.n_members} are trained by fit.")
        return True
