"""The fitted network of an estimator, and what is done with it: outputs, evaluation, uncertainty."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType, SimpleNamespace
from typing import Any

import jax
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from lamina.checks import Number, check_value
from lamina.data.rows import check_rows
from lamina.engine.ensemble import ensemble_program_for
from lamina.engine.loop import to_device
from lamina.engine.plan import Plan
from lamina.engine.precision import precision, weight_dtype
from lamina.engine.predict import predict
from lamina.engine.program import Program, program_for
from lamina.engine.uncertainty import Uncertainty, draw, summarise
from lamina.errors import InvalidParameter
from lamina.layers import Dense, Layer, PairDifference
from lamina.losses import Loss
from lamina.metrics import Metric
from lamina.neural_network.architecture import ARCHITECTURE, layers_of, products
from lamina.neural_network.inputs import check_validation, dense_rows
from lamina.neural_network.scoring import measure
from lamina.neural_network.steps import layer_values, loss_values
from lamina.optimizers import SGD


class Network(BaseEstimator):
    """Weights, the plan that they belong to, and all that needs no training."""

    #: weights of layers that are not dense, and what layers keep count with, by layer
    _other_params: Mapping[str, dict] = MappingProxyType({})
    _layer_state: Mapping[str, dict] = MappingProxyType({})
    #: names of the layers that training leaves as they are
    _frozen: tuple[str, ...] = ()

    @abstractmethod
    def _loss(self) -> Loss:
        """The loss of the output before its link."""

    @abstractmethod
    def _scores(self) -> tuple[tuple[str, Metric], ...]:
        """The validation score; none where the validation loss takes its place."""

    @abstractmethod
    def _link(self) -> str:
        """The output activation."""

    def _layers(self, n_outputs: int) -> tuple[tuple[str, Layer], ...]:
        """Names and layers, up to the output before its link."""
        return layers_of(self, n_outputs)

    @property
    def _row_shape(self) -> tuple[int, ...]:
        """The shape of what the network takes as one row."""
        return (self.n_features_in_,)

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
        of_dense = [name for name, layer in self._layers(self.n_outputs_) if isinstance(layer, Dense)]
        dense = [params[name] for name in of_dense]
        self.coefs_ = [arrays["kernel"] for arrays in dense]
        self.intercepts_ = [arrays.get("bias", np.zeros(arrays["kernel"].shape[1])) for arrays in dense]
        self._other_params = {name: arrays for name, arrays in params.items() if arrays and name not in of_dense}
        self._layer_state = {name: arrays for name, arrays in state.items() if arrays}
        self._device_weights: dict = {}

    def _plan(self, **changes: Any) -> Plan:
        """The plan of the fitted architecture; with an optimizer, of its training."""
        training = "optimizer" in changes
        return Plan(
            layers=tuple((name, layer.recipe()) for name, layer in self._layers(self.n_outputs_)),
            loss=self._loss().recipe(),
            metrics=self._scores(),
            optimizer=changes.pop("optimizer", SGD()).recipe(),
            penalties=("alpha", "l1") if self.l1 else ("alpha",),
            dtype=self._dtype_,
            frozen=changes.pop("frozen", self._frozen if training else ()),
            **changes,
        )

    def __getattr__(self, name: str):
        """Why an ensemble lacks what each of its members has; any other error as it was."""
        members = self.__dict__.get("estimators_")
        if members and not name.startswith("_") and name in vars(members[0]):
            raise _of_one(name)
        return object.__getattribute__(self, name)

    def _is_one(self, name: str) -> bool:
        """Raise the AttributeError that hides from an ensemble what only a single network has."""
        if "estimators_" in self.__dict__:
            raise _of_one(name)
        return True

    def _html_repr(self) -> str:
        """What notebooks show: scikit-learn's diagram, and the curve of the losses once there is one."""
        from sklearn.utils import estimator_html_repr

        diagram = estimator_html_repr(self)
        if not len(getattr(self, "history_", {}).get("loss", ())):
            return diagram
        from lamina.report.html import render_curve

        return diagram + render_curve(self.history_)

    def _get_fitted_attr_html(self, doc_link: str = "") -> Any:
        """What scikit-learn's diagram lists: without properties, such as importances, which it would all compute."""
        listed = BaseEstimator._get_fitted_attr_html(SimpleNamespace(**vars(self)), doc_link)
        listed.estimator_class = type(self)  # whose docstring explains the attributes
        return listed

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
        members = self.__dict__.get("estimators_")
        arrays = [array for network in members or (self,) for array in (*network.coefs_, *network.intercepts_)]
        cache = self.__dict__.setdefault("_device_weights", {})
        if len(cache.get("of", ())) == len(arrays) and all(a is b for a, b in zip(cache["of"], arrays)):
            return cache["weights"]
        weights = stacked([member._weights() for member in members]) if members else self._weights()
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
            cache.update(built_with=parameters, program=self._new_program())
        return cache["program"]

    def _new_program(self) -> Program:
        """The program of the present parameters: for the weights of one network, or for those of the members."""
        return (ensemble_program_for if "estimators_" in self.__dict__ else program_for)(self._plan())

    def _outputs(self, X) -> np.ndarray:
        """The network's outputs of shape (n_samples, n_outputs), after the output activation."""
        X = self._check_rows_fast(X)
        return self._apply(self._program().predict, X)

    def _sensitivity(self, X, largest: bool) -> np.ndarray:
        """Mean absolute gradient of the outputs, or of the largest one, by each column; for every checked row."""
        program = self._program()
        return self._apply(lambda params, state, rows: program.sensitivity(params, state, rows, None, largest), X)

    def _apply(self, function, *rows) -> np.ndarray:
        """The compiled ``function(params, state, rows)`` of checked rows; or of several arrays, such as targets too."""
        dtype = weight_dtype(self._dtype_)
        rows = tuple(array if array.dtype == dtype else array.astype(dtype) for array in rows)
        return predict(function, self._program(), *self._on_device(), *rows)

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
        program = self._new_program()
        rows = to_device(program.plan, *check_validation(self, given, self.n_outputs_, "evaluate"))
        hyper = {name: np.dtype(weight_dtype(self._dtype_)).type(value) for name, value in loss_values(self).items()}
        numbers = measure(program, *self._on_device(), rows, hyper)
        return numbers if return_dict else list(numbers.values())

    @available_if(lambda est: est._is_one("hidden_activations"))
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
            What the next layer gets: the outputs after activation and normalisation, without dropout.

        Raises
        ------
        InvalidParameter
            If there is no such hidden layer.
        """
        check_is_fitted(self)
        X, n_hidden = check_rows(self, X, reset=False), self.n_layers_ - 2
        if not -n_hidden <= layer < n_hidden:
            raise InvalidParameter(f"layer={layer} is not one of the {n_hidden} hidden layers (0 to {n_hidden - 1}).")
        program = self._program()
        layers = program.plan.layers
        blocks = sorted({*products(layers), *(n for n, (_, each) in enumerate(layers) if type(each) is PairDifference)})
        depth = blocks[layer % n_hidden + 1]
        return self._apply(lambda params, state, rows: program.activations(params, state, rows, depth), X)

    def predict_uncertainty(self, X, n_samples: int = 100, shared_mask: bool = False) -> Uncertainty:
        """Many predictions, with dropout left on or by several networks: their mean and what their spread says.

        Only dropout is random; batch normalisation stays as in prediction. All draws are one compiled call. Those of an
        ensemble are draws of each member; without dropout, each member's prediction.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        n_samples : int, default=100
            Number of draws, of each member; without dropout there is one of each.
        shared_mask : bool, default=False
            Whether all rows of a draw lose the same units, so that a draw is one function of the inputs.

        Returns
        -------
        Uncertainty
            ``mean`` and ``std`` of shape (n_samples, n_outputs), for a classifier those of `predict_proba`, and then
            ``entropy`` and ``mutual_information`` of shape (n_samples,); ``aleatoric`` and ``epistemic`` are the parts
            that it has.

        Raises
        ------
        InvalidParameter
            If it is a single network that was trained without dropout.
        """
        check_is_fitted(self)
        check_value("predict_uncertainty", "n_samples", n_samples, Number(1, whole=True))
        X = dense_rows(check_rows(self, X, reset=False)).astype(weight_dtype(self._dtype_))
        program, n_members = self._new_program(), len(self.__dict__.get("estimators_", (self,)))
        hyper = layer_values(self)
        if not program.plan.noisy and n_members == 1:
            raise InvalidParameter(
                "The network has no dropout, so all draws would be alike. Train one with dropout=0.1, or several with "
                "n_members=5, for example."
            )
        n_draws = n_members * (n_samples if program.plan.noisy else 1)
        rng = np.random.RandomState(check_random_state(self.random_state).randint(2**31))
        seeds = rng.randint(2**32, size=(n_draws, 2), dtype=np.uint32)
        values = {name: np.dtype(weight_dtype(self._dtype_)).type(value) for name, value in hyper.items()}
        return self._summary_of(draw(program, *self._on_device(), X, seeds, values, shared_mask))

    def _summary_of(self, samples: np.ndarray) -> Uncertainty:
        """What the draws say; a classifier's are probabilities."""
        return summarise(samples, probabilities=False)

    @property
    def feature_importances_(self) -> np.ndarray:
        """The share of each column in the slope of the outputs, for standardised columns.

        The mean absolute gradient of the outputs by each column, over 256 fixed rows of standard-normal numbers,
        divided by the sum over the columns. scikit-learn's `SelectFromModel`, `RFE` and the like ask a fitted
        estimator alone, without rows, and inside a `Pipeline` each fold has rows of its own: drawn rows stand for
        them here, which suits columns of mean 0 and deviation 1, as a `StandardScaler` makes them. Slopes by columns in
        other units cannot be compared, and the weights of a column that never varied are the random first ones.
        :func:`lamina.inspection.input_gradients` measures on given rows.
        """
        check_is_fitted(self)
        rows = np.random.RandomState(0).standard_normal((256, *self._row_shape))
        slopes = self._sensitivity(rows, largest=False).reshape(-1, self.n_features_in_).mean(axis=0)
        return slopes / (slopes.sum() or 1)

    @property
    def model_(self):
        """The network as a :class:`lamina.models.Sequential` with its weights, for ``summary()`` and the like."""
        check_is_fitted(self)
        self._is_one("model_")
        named = self._layers(self.n_outputs_)
        vars(named[-1][1])["activation"] = self.out_activation_
        return self._model_of(named, self._row_shape)

    def _model_of(self, named: Sequence[tuple[str, Layer]], shape: tuple[int, ...]):
        """Some of the layers as a model for rows of a shape, with the weights that they have here."""
        from lamina.models import Sequential

        params, state = self._weights()
        for name, layer in named:
            layer.name, layer.trainable, layer.input_shape = name, True, shape if name == named[0][0] else None
            layer.build(shape, np.random.RandomState(0), weight_dtype(self._dtype_))
            # slopes that the halves of a pair share have one axis more than those for single rows
            own = jax.tree.map(lambda like, a: a.reshape(like.shape), layer.store, (params[name], state[name]))
            layer.store, shape = own, layer.output_shape or ()
        return Sequential([layer for _, layer in named], dtype=self._dtype_)


def stacked(weights: list[tuple[dict, dict]]) -> tuple[dict, dict]:
    """The stores of several networks as one, with a first axis of networks."""
    return jax.tree.map(lambda *arrays: np.stack(arrays), *weights)


def _of_one(name: str) -> AttributeError:
    return AttributeError(f"An ensemble has no {name}; each of its members has: estimators_[0].{name}, for example.")
