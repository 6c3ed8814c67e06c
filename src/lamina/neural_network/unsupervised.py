"""What networks that learn from rows without labels share: their parameters, and hidden layers as features."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from lamina.callbacks import Callback
from lamina.data.rows import check_rows
from lamina.errors import InvalidParameter
from lamina.layers import Layer
from lamina.metrics import Metric
from lamina.neural_network.architecture import hidden_layers, hidden_sizes, named
from lamina.neural_network.base import BaseMLP
from lamina.neural_network.inputs import dense_rows
from lamina.neural_network.parameters import CONSTRAINTS
from lamina.neural_network.pretraining import Pretraining

#: names of the layers above the hidden ones begin with this
HEAD = "head_"


class Unsupervised(Pretraining, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseMLP):
    """Hidden layers as those of :class:`MLPClassifier`, of the same names, and a head that a task of their own trains.

    A subclass gives the head, the loss, and the targets, all of them from the rows alone.
    """

    _constraints: ClassVar = CONSTRAINTS
    _converges: ClassVar = False

    # what scikit-learn's MLP has too, at its defaults
    power_t = 0.5
    momentum = 0.9
    nesterovs_momentum = True
    beta_1, beta_2, epsilon = 0.9, 0.999, 1e-8
    max_fun = 15000
    l1 = 0.0
    input_dropout = 0.0
    max_norm = None
    clipvalue = None
    ema = None
    scoring = "loss"
    n_members, bootstrap = 1, False

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if not hidden_sizes(self):
            raise InvalidParameter(
                f"{type(self).__name__} learns its features in hidden layers. Received hidden_layer_sizes="
                f"{self.hidden_layer_sizes!r}; give (100,), for example."
            )

    @abstractmethod
    def _head(self, n_outputs: int) -> list[Layer]:
        """The layers above the hidden ones."""

    def _corruption(self) -> list[Layer]:
        """The layers below the hidden ones, which harm the rows in training only."""
        return []

    def _trunk(self) -> tuple[tuple[str, Layer], ...]:
        """Names and layers of the hidden blocks: the features."""
        return named(hidden_layers(self))

    def _layers(self, n_outputs: int) -> tuple[tuple[str, Layer], ...]:
        below = named(self._corruption(), "corruption_")
        return (*below, *self._trunk(), *named(self._head(n_outputs), HEAD))

    def _link(self) -> str:
        return "identity"

    def _scores(self) -> tuple[tuple[str, Metric], ...]:
        return ()

    def _rows(self, X, first: bool = False) -> np.ndarray:
        """Rows as the network takes them; `first` learns the columns."""
        return dense_rows(check_rows(self, X, reset=first))

    def _targets(self, X, rows: np.ndarray) -> np.ndarray:
        """What the outputs for the rows are compared with."""
        return rows

    def _check_data(self, X, y, first: bool) -> tuple:
        rows = self._rows(X, first)
        return rows, self._targets(X, rows)

    def _encode_target(self, y, first: bool, incremental: bool) -> np.ndarray:
        return np.asarray(y, np.float64)

    def fit(self, X, y=None, *, validation_data=None, callbacks: Sequence[Callback] = ()):
        """Learn from the rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        y : ignored
            For pipelines.
        validation_data : {array-like, sparse matrix} of shape (n_rows, n_features), default=None
            Rows that the history is measured on after each epoch; with ``early_stopping=True`` they take the place of
            the held-out share.
        callbacks : sequence of lamina.callbacks.Callback, default=()
            Told about the start, each epoch, and the end.

        Returns
        -------
        self
            The trained network.

        Raises
        ------
        DataError
            If the rows cannot be trained on; nothing has been trained then.
        DivergenceError
            If the loss explodes or is no longer finite; the last finite weights are kept.
        """
        validation = None if validation_data is None else (validation_data, None)
        return self._fit(X, None, validation_data=validation, callbacks=callbacks)

    def evaluate(self, X, y=None, sample_weight=None, return_dict: bool = False):
        """The loss on given rows, as it is measured on validation rows: without penalties and without noise.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        y : ignored
            For scikit-learn.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows.
        return_dict : bool, default=False
            A dictionary by name instead of a list.

        Returns
        -------
        list of float, or dict
            ``loss`` and ``score``, which is minus the loss.
        """
        return super().evaluate(X, None, sample_weight, return_dict)

    def transform(self, X) -> np.ndarray:
        """The features that the last hidden layer gives.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        features : ndarray of shape (n_samples, n_units)
            Outputs of the last hidden layer, after activation and normalisation, without noise.
        """
        check_is_fitted(self)
        return self._features(self._rows(X))

    def _features(self, rows: np.ndarray) -> np.ndarray:
        """The features of checked rows."""
        program = self._program()
        return self._apply(lambda params, state, rows: program.activations(params, state, rows, self._depth), rows)

    @property
    def _depth(self) -> int:
        """How many layers there are below the head."""
        return sum(not name.startswith(HEAD) for name, _ in self._layers(self.n_outputs_))

    @property
    def trunk_(self):
        """The hidden layers alone as a :class:`lamina.models.Sequential` with their weights, for another task."""
        check_is_fitted(self)
        return self._model_of(named(hidden_layers(self)), self._row_shape[-1:])

    @property
    def _n_features_out(self) -> int:
        """How many features `get_feature_names_out` names."""
        return hidden_sizes(self)[-1]
