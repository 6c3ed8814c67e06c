"""The fine-tuned regressor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin

from lamina.callbacks import Callback
from lamina.errors import DataError
from lamina.neural_network import MLPRegressor
from lamina.neural_network.loss import regressor_loss
from lamina.reuse.fine_tuning import FineTuning
from lamina.reuse.grown import GrownRegressor
from lamina.reuse.head import Head, head_for_numbers
from lamina.reuse.source import Source


class FineTuneRegressor(RegressorMixin, FineTuning):
    """A regressor that begins with the layers of a trained network: :class:`FineTuneClassifier` for numbers.

    Targets that the source was trained on in other units, as in a `TransformedTargetRegressor`, are put into these
    units here too, and predictions back. Losses, in `history_` and `evaluate`, are in the source's units; `score` is R²
    of the predictions.

    Parameters
    ----------
    source : estimator, model or path
        As in :class:`FineTuneClassifier`; a classifier's layers serve too.
    n_reused : int, "all" or "auto", default="auto"
        Number of hidden layers to reuse, from the bottom. "auto" tries all numbers on `cv` folds, with and without
        freezing, and takes the one with the least loss, unless to reuse all is as good within a standard error.
    new_hidden : int or sequence of int, default=()
        Widths of new hidden layers between the reused ones and the output.
    frozen_epochs : int, default=4
        Epochs in which only the new layers learn.
    epochs : int, default=16
        Epochs after that, in which all layers learn, except `n_frozen`.
    learning_rate : float, default=0.001
        The learning rate of the new layers.
    layer_decay : float, default=0.7
        Factor on it for the top reused layer, twice for the next one below, and so on.
    n_frozen : int or None, default=None
        Number of hidden layers, from the bottom, that stay frozen to the end; None is 0, unless ``n_reused="auto"``
        finds that freezing them does better.
    frozen_learning_rate : float or None, default=None
        The learning rate of the frozen phase; None is ten times `learning_rate`.
    head : {"auto", "keep", "new"}, default="auto"
        "keep" begins with the source's output, which needs as many targets, the same output activation, all its hidden
        layers and no new ones; "new" with a drawn one; "auto" keeps where that is possible.
    loss : str, Loss or callable, default="squared_error"
        What training minimises, as in :class:`lamina.MLPRegressor`; it brings the output's activation.
    activation : str or callable, default="relu"
        Activation of the new hidden layers, as in :class:`lamina.MLPClassifier`.
    solver : str or Optimizer, default="adam"
        A name or object of `lamina.optimizers`, or "momentum" or "nesterov"; not "lbfgs", which has no learning rates
        to set by layer. An object keeps its own learning rate in both phases.
    alpha : float, default=0.0001
        Strength of the L2 penalty on all kernels that learn, divided by the number of rows in the batch.
    batch_size : int or "auto", default="auto"
        Rows per step; "auto" is the least of 4, 8, 16 and 32 that makes at most 8 steps per epoch, or 32.
    momentum : float, default=0.9
        Momentum of "sgd", "momentum" and "nesterov".
    nesterovs_momentum : bool, default=True
        Whether the momentum of "sgd" is Nesterov's.
    dropout : float or sequence of float, default=0.0
        Share of each new hidden layer's outputs to drop in training; reused layers bring their own dropout.
    weight_decay : float or None, default=None
        Decoupled decay: each step first takes ``learning_rate · weight_decay · w`` off every weight that learns.
    clipnorm : float or None, default=None
        Largest norm of the whole gradient; a longer one is scaled down to it.
    early_stopping : bool, default=False
        End a phase when the validation loss no longer improves, and restore the weights of its best epoch; without it
        all epochs are run.
    validation_fraction : float, default=0.1
        Share of the rows held out for that, unless ``validation_data`` is given to `fit`.
    n_iter_no_change : int or inf, default=10
        Patience of early stopping: epochs without improvement, counted anew in each phase.
    tol : float, default=1e-4
        Least improvement of the validation loss that counts.
    cv : int, splitter or list of splits, default=3
        Number of folds, or the folds, for ``n_reused="auto"``.
    random_state : int, RandomState or None, default=None
        Seed of new weights, folds and orders.
    verbose : bool or int, default=False
        Print a line per epoch.

    Attributes
    ----------
    n_reused_, n_frozen_ : int
        Numbers of hidden layers that were reused, and kept frozen to the end.
    choice_ : dict of ndarray or None
        For "auto": n_reused, n_frozen, mean_loss and std_loss over the folds; None where rows were too few for folds,
        and all layers are reused.
    network_ : MLPRegressor
        The trained network, from what the source's preprocessing gives to targets in the source's units.
    history_ : dict of ndarray
        As in :class:`lamina.MLPRegressor`, with the column "phase".
    n_iter_, loss_curve_, stop_reason_, model_
        Epochs in all phases, their losses, why the last one ended, and the network as a `lamina.Sequential`.
    n_features_in_, feature_names_in_ : int, ndarray of str
        Number and names of the columns seen in `fit`.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from lamina import MLPRegressor
    >>> X, y = make_regression(500, 5, random_state=0)
    >>> source = MLPRegressor(hidden_layer_sizes=(30,), solver="lbfgs", tol=0.1, max_iter=1000, random_state=0)
    >>> source = source.fit(X, y)
    >>> FineTuneRegressor(source, n_reused=1, random_state=0).fit(X[:50], y[:50] + 1).score(X, y + 1) > 0.99
    True
    """

    _constraints: ClassVar = {**FineTuning._constraints, "loss": MLPRegressor._constraints["loss"]}
    _network: ClassVar = GrownRegressor

    def __init__(
        self,
        source=None,
        n_reused="auto",
        new_hidden=(),
        frozen_epochs=4,
        epochs=16,
        learning_rate=2e-3,
        layer_decay=0.5,
        *,
        n_frozen=None,
        frozen_learning_rate=None,
        head="auto",
        loss="squared_error",
        activation="relu",
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        momentum=0.9,
        nesterovs_momentum=True,
        dropout=0.0,
        weight_decay=None,
        clipnorm=None,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        tol=1e-4,
        cv=3,
        random_state=None,
        verbose=False,
    ):
        self.source = source
        self.n_reused = n_reused
        self.new_hidden = new_hidden
        self.frozen_epochs = frozen_epochs
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.layer_decay = layer_decay
        self.n_frozen = n_frozen
        self.frozen_learning_rate = frozen_learning_rate
        self.head = head
        self.loss = loss
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.cv = cv
        self.random_state = random_state
        self.verbose = verbose

    def fit(
        self, X, y, sample_weight=None, *, validation_data: tuple | None = None, callbacks: Sequence[Callback] = ()
    ) -> FineTuneRegressor:
        """Train on top of the source.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or (n_samples, height, width)
            Rows such as the source was trained on.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), optional
            Weight of each row in the loss.
        validation_data : tuple (X_val, y_val) or (X_val, y_val, sample_weight_val), optional
            Rows that the history is measured on after each epoch, and that early stopping watches.
        callbacks : sequence of lamina.callbacks.Callback, default=()
            Told about each phase's start, each epoch, and the phase's end.

        Returns
        -------
        self : FineTuneRegressor

        Raises
        ------
        DataError
            If the rows are not such as the source takes; the message says how to map them.
        InvalidParameter
            If a parameter or the source is none; a source that is not fitted is a `NotFittedError`.
        FileError
            If the source is a file that is cut, foreign or not there.
        DivergenceError
            If the loss is no longer finite; the last finite weights are kept.
        """
        return self._fit(X, y, sample_weight, validation_data, callbacks)

    def predict(self, X) -> np.ndarray:
        """The predicted targets, in the units of `y`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or (n_samples, height, width)
            Rows such as `fit` was given; columns of a DataFrame in any order.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
        """
        rows = self._rows(X)
        outputs = self.network_.predict(rows)
        if self.target_transformer_ is None:
            return outputs
        columns = outputs.reshape(len(outputs), -1)
        return self.target_transformer_.inverse_transform(columns).reshape(outputs.shape)

    def _target(self, y: Any) -> Any:
        if self.target_transformer_ is None:
            return y
        y = np.asarray(y)
        columns = y.reshape(len(y), -1)
        known = getattr(self.target_transformer_, "n_features_in_", columns.shape[1])
        if columns.shape[1] != known:
            raise DataError(
                f"The source's targets, which go through {type(self.target_transformer_).__name__}, are {known} "
                f"columns, but y has {columns.shape[1]}. Give its network alone, source=source.regressor_."
            )
        return self.target_transformer_.transform(columns).reshape(y.shape)

    def _head(self, source: Source, fits: bool, y: Any) -> Head:
        n_targets = np.shape(y)[1] if np.ndim(y) == 2 else 1
        return head_for_numbers(self.head, source, fits, n_targets, regressor_loss(self.loss).link)

    def _own_parameters(self, head: Head) -> dict[str, Any]:
        return {"loss": self.loss}
