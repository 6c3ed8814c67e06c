"""What the classifier and the regressor share: parameters, checks, and the way from `fit` into the engine and back."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import jax
import numpy as np
from sklearn.base import BaseEstimator, is_regressor
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from lamina.callbacks import Callback, TimeBudget
from lamina.checks import Number, check_parameters, check_value
from lamina.data.rows import check_rows
from lamina.engine.history import History
from lamina.engine.loop import to_device
from lamina.engine.plan import Plan
from lamina.engine.precision import precision, weight_dtype
from lamina.engine.predict import predict
from lamina.engine.program import Program, program_for
from lamina.engine.uncertainty import Uncertainty, draw, summarise
from lamina.errors import DataError, InvalidParameter
from lamina.layers import Dense, Layer
from lamina.losses import Loss
from lamina.metrics import Metric
from lamina.models.assumptions import broken_assumptions
from lamina.neural_network.architecture import ARCHITECTURE, hidden_activations, layers_of
from lamina.neural_network.combinations import check_combination
from lamina.neural_network.inputs import check_activation, check_total, check_validation, dense_rows, first_weights
from lamina.neural_network.lbfgs import fit_lbfgs
from lamina.neural_network.loss import check_loss
from lamina.neural_network.parameters import CONSTRAINTS
from lamina.neural_network.scoring import measure
from lamina.neural_network.state import REBUILT, from_tree, to_tree
from lamina.neural_network.steps import loss_values, optimizer_of
from lamina.neural_network.stochastic import fit_stochastic, rows_per_step
from lamina.optimizers import SGD, Optimizer


class BaseMLP(BaseEstimator):
    """Parameters, checks and training common to :class:`MLPClassifier` and :class:`MLPRegressor`."""

    _constraints: ClassVar = CONSTRAINTS
    #: weights of layers that are not dense, and what layers keep count with, by layer
    _other_params: Mapping[str, dict] = MappingProxyType({})
    _layer_state: Mapping[str, dict] = MappingProxyType({})

    @abstractmethod
    def _encode_target(self, y, first: bool, incremental: bool) -> np.ndarray:
        """Targets of shape (n_samples, n_outputs) for the engine; learns classes when `first`."""

    @abstractmethod
    def _loss(self) -> Loss:
        """The loss of the output before its link."""

    @abstractmethod
    def _scores(self) -> tuple[tuple[str, Metric], ...]:
        """The validation score; none where the validation loss takes its place."""

    @abstractmethod
    def _link(self) -> str:
        """The output activation."""

    # -- architecture ---------------------------------------------------------------------------------------------

    def _layers(self, n_outputs: int) -> tuple[tuple[str, Layer], ...]:
        """Names and layers, up to the output before its link."""
        return layers_of(self, n_outputs)

    def _weights(self) -> tuple[dict, dict]:
        """The store behind ``coefs_`` and ``intercepts_``: parameters and state by layer name."""
        params, dense = {}, zip(self.coefs_, self.intercepts_)
        layers = self._layers(self.n_outputs_)
        for name, layer in layers:
            if isinstance(layer, Dense):
                kernel, bias = next(dense)
                params[name] = {"kernel": kernel, "bias": bias} if layer.use_bias else {"kernel": kernel}
            else:
                params[name] = self._other_params.get(name, {})
        return params, {name: self._layer_state.get(name, {}) for name, _ in layers}

    def _set_weights(self, params: dict, state: dict) -> None:
        """Take weights from the engine; read-only, so that a change in place cannot be silently ignored."""
        params, state = jax.tree.map(np.array, (params, state))
        for array in jax.tree.leaves((params, state)):
            array.flags.writeable = False
        dense = [params[name] for name, layer in self._layers(self.n_outputs_) if isinstance(layer, Dense)]
        self.coefs_ = [arrays["kernel"] for arrays in dense]
        self.intercepts_ = [arrays.get("bias", np.zeros(arrays["kernel"].shape[1])) for arrays in dense]
        self._other_params = {name: arrays for name, arrays in params.items() if arrays and "kernel" not in arrays}
        self._layer_state = {name: arrays for name, arrays in state.items() if arrays}
        self._device_weights: dict = {}

    def _plan(self, **changes: Any) -> Plan:
        """The plan of the fitted architecture."""
        return Plan(
            layers=tuple((name, layer.recipe()) for name, layer in self._layers(self.n_outputs_)),
            loss=self._loss().recipe(),
            metrics=self._scores(),
            optimizer=changes.pop("optimizer", SGD()).recipe(),
            penalties=("alpha", "l1") if self.l1 else ("alpha",),
            dtype=self._dtype_,
            **changes,
        )

    # -- training -------------------------------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        check_parameters(type(self).__name__, self.get_params(deep=False), self._constraints)
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
    ):
        self._check_parameters()
        first = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        X, y = check_rows(self, X, y, reset=first, y_numeric=is_regressor(self))
        targets = self._encode_target(y, first, incremental)
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
        elif self.coefs_[0].shape[0] != X.shape[1] or self.coefs_[-1].shape[1] != self.n_outputs_:
            raise DataError(
                f"The network takes {self.coefs_[0].shape[0]} columns and gives {self.coefs_[-1].shape[1]} outputs, "
                f"but received {X.shape[1]} columns and {self.n_outputs_} outputs. Fit a new one (clone it first)."
            )
        self.coefs_ = first_weights("coefs_init", coefs_init, self.coefs_)
        self.intercepts_ = first_weights("intercepts_init", intercepts_init, self.intercepts_)

        X = dense_rows(X)
        if self.time_budget is not None and not incremental:
            callbacks = [*callbacks, TimeBudget(self.time_budget)]
        layers = [layer for _, layer in self._layers(n_outputs)]
        for sentence in broken_assumptions(layers, None if incremental else X, rows_per_step(self, len(X))):
            warnings.warn(sentence, UserWarning, stacklevel=3)
        if self.solver == "lbfgs":
            fit_lbfgs(self, X, targets, weight, validation, callbacks)
        else:
            fit_stochastic(self, X, targets, weight, validation, rng, callbacks, incremental)
        return self

    def _initialize(self, rng: np.random.RandomState) -> None:
        """Fresh weights and an empty record."""
        dtype = weight_dtype(self._dtype_)
        shape: tuple[int, ...] = (self.n_features_in_,)
        store: tuple[dict, dict] = ({}, {})
        for name, layer in self._layers(self.n_outputs_):
            *drawn, shape = layer.init(rng, shape)
            for part, arrays in zip(store, drawn):
                part[name] = {key: value.astype(dtype) for key, value in arrays.items()}
        self._set_weights(*store)
        self.n_layers_ = len(self.coefs_) + 1
        self.out_activation_ = self._link()
        self.n_iter_ = self.t_ = 0
        self.history_ = History()
        self.stop_reason_ = None
        for name in ("_optimizer_state", "_best_weights", "best_loss_", "loss_curve_"):
            self.__dict__.pop(name, None)
        if self.solver != "lbfgs":
            self.loss_curve_: list[float] = []
            self._no_improvement_count = 0
            self.validation_scores_: list[float] | None = [] if self.early_stopping else None
            self.best_validation_score_ = -np.inf if self.early_stopping else None
            self.best_loss_ = None if self.early_stopping else np.inf

    def _apply_class_weight(self, weight, y):
        """Sample weights times class weights; classifiers only."""
        return weight

    # -- using ----------------------------------------------------------------------------------------------------

    def _check_rows_fast(self, X):
        """Rows to predict for; a plain finite array of the right width takes a short cut past the general checks."""
        if (
            type(X) is np.ndarray
            and X.ndim == 2
            and X.dtype.kind == "f"
            and len(X)
            and X.shape[1] == getattr(self, "n_features_in_", None)
            and not hasattr(self, "feature_names_in_")
            and np.isfinite(X.sum())
        ):
            return X
        check_is_fitted(self)
        return check_rows(self, X, reset=False)

    def _on_device(self) -> tuple[dict, dict]:
        """The weights where they are used; kept there as long as the same read-only arrays are in place."""
        arrays = [*self.coefs_, *self.intercepts_]
        cache = self.__dict__.setdefault("_device_weights", {})
        if len(cache.get("of", ())) == len(arrays) and all(a is b for a, b in zip(cache["of"], arrays)):
            return cache["weights"]
        weights = self._weights()
        if not any(array.flags.writeable for array in arrays):
            with precision(self._dtype_):
                weights = jax.device_put(weights)
            cache.update(of=arrays, weights=weights)
        return weights

    def _program(self) -> Program:
        """The program of the fitted architecture; looked up anew only when a parameter has been replaced."""
        parameters = [getattr(self, name) for name in ARCHITECTURE]
        cache = self.__dict__.setdefault("_device_weights", {})
        if not all(a is b for a, b in zip(cache.get("built_with", [cache]), parameters)):
            cache.update(built_with=parameters, program=program_for(self._plan()))
        return cache["program"]

    def _outputs(self, X) -> np.ndarray:
        """The network's outputs of shape (n_samples, n_outputs), after the output activation."""
        X = self._check_rows_fast(X)
        if X.dtype != weight_dtype(self._dtype_):
            X = X.astype(weight_dtype(self._dtype_))
        program = self._program()
        return predict(program.predict, program, *self._on_device(), X)

    def evaluate(self, X, y, sample_weight=None, return_dict: bool = False):
        """The loss and the score on given rows, as they are measured on validation rows.

        The loss is without penalties and without noise.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows.
        return_dict : bool, default=False
            A dictionary by name instead of a list.

        Returns
        -------
        list of float, or dict
            ``loss`` and ``score``.
        """
        check_is_fitted(self)
        given = (X, y) if sample_weight is None else (X, y, sample_weight)
        program = program_for(self._plan())
        rows = to_device(program.plan, *check_validation(self, given, self.n_outputs_, "evaluate"))
        hyper = {name: np.dtype(weight_dtype(self._dtype_)).type(value) for name, value in loss_values(self).items()}
        numbers = measure(program, *self._on_device(), rows, hyper)
        return numbers if return_dict else list(numbers.values())

    def hidden_activations(self, X, layer: int = -1) -> np.ndarray:
        """The outputs of a hidden layer: features that the network has learned.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        layer : int, default=-1
            Which hidden layer, counted from 0; negative numbers count from the last one.

        Returns
        -------
        activations : ndarray of shape (n_samples, n_units)
            The layer's outputs after its activation.

        Raises
        ------
        InvalidParameter
            If there is no such hidden layer.
        """
        check_is_fitted(self)
        X, n_hidden = check_rows(self, X, reset=False), self.n_layers_ - 2
        if not -n_hidden <= layer < n_hidden:
            raise InvalidParameter(f"layer={layer} is not one of the {n_hidden} hidden layers (0 to {n_hidden - 1}).")
        depth = layer % n_hidden + 1
        program = program_for(self._plan())

        def activations(params, state, rows):
            return program.activations(params, state, rows, depth)

        return predict(activations, program, *self._on_device(), X.astype(weight_dtype(self._dtype_)))

    def predict_uncertainty(self, X, n_samples: int = 100, shared_mask: bool = False) -> Uncertainty:
        """Predictions with dropout left on, many times over: their mean and what their spread says.

        Only dropout is random; batch normalisation stays as in prediction. All draws are one compiled call.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        n_samples : int, default=100
            Number of draws.
        shared_mask : bool, default=False
            Whether all rows of a draw lose the same units, so that a draw is one function of the inputs.

        Returns
        -------
        Uncertainty
            ``mean`` and ``std`` of shape (n_samples, n_outputs), for a classifier those of `predict_proba`, and then
            ``entropy`` and ``mutual_information`` of shape (n_samples,).

        Raises
        ------
        InvalidParameter
            If the network was trained without dropout.
        """
        check_is_fitted(self)
        check_value("predict_uncertainty", "n_samples", n_samples, Number(1, whole=True))
        X = dense_rows(check_rows(self, X, reset=False)).astype(weight_dtype(self._dtype_))
        program = program_for(self._plan())
        hyper = {f"{n}/{key}": v for n, layer in self._layers(self.n_outputs_) for key, v in layer.hyper().items()}
        if not program.plan.noisy:
            raise InvalidParameter(
                "The network has no dropout, so all draws would be alike. Train one with dropout=0.1, for example."
            )
        rng = np.random.RandomState(check_random_state(self.random_state).randint(2**31))
        seeds = rng.randint(2**32, size=(n_samples, 2), dtype=np.uint32)
        values = {name: np.dtype(weight_dtype(self._dtype_)).type(value) for name, value in hyper.items()}
        return self._summary_of(draw(program, *self._on_device(), X, seeds, values, shared_mask))

    def _summary_of(self, samples: np.ndarray) -> Uncertainty:
        """What the draws say; a classifier's are probabilities."""
        return summarise(samples, probabilities=False)

    @property
    def model_(self):
        """The network as a :class:`lamina.models.Sequential` with its weights, for ``summary()`` and the like."""
        from lamina.models import Sequential

        check_is_fitted(self)
        named = self._layers(self.n_outputs_)
        params, state = self._weights()
        shape: tuple[int, ...] = (self.n_features_in_,)
        for name, layer in named:
            layer.name, layer.trainable, layer.input_shape = name, True, shape if name == named[0][0] else None
            layer.build(shape, np.random.RandomState(0), weight_dtype(self._dtype_))
            layer.variables, shape = (params[name], state[name]), layer.output_shape or ()
        vars(named[-1][1])["activation"] = self.out_activation_
        return Sequential([layer for _, layer in named], dtype=self._dtype_)

    # -- keeping --------------------------------------------------------------------------------------------------

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

    def _more_than_stochastic(self) -> bool:
        """Raise the AttributeError that hides `partial_fit` from solvers that cannot have it."""
        if self.solver == "lbfgs":
            raise AttributeError(
                f"partial_fit is only available for stochastic optimizers. {self.solver} is not stochastic."
            )
        return True
