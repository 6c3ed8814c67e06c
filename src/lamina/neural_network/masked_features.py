"""Hidden cells as targets: a task that any table brings with it."""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp

from lamina.checks import Number
from lamina.layers import Call, Layer, SwapNoise
from lamina.losses import Loss
from lamina.neural_network.architecture import output_layer
from lamina.neural_network.parameters import CONSTRAINTS, STOCHASTIC
from lamina.neural_network.unsupervised import Unsupervised


class HideCells(SwapNoise):
    """Swap noise whenever there is a seed, in validation too: without hidden cells there is nothing to measure."""

    def apply(self, params, state, x, call):
        return (x, state) if call.seed is None else super().apply(params, state, x, call._replace(training=True))

    def hidden(self, x: jax.Array, call: Call) -> jax.Array:
        """Which cells of x it hides, as ones and zeros; all of them where there is no seed."""
        if call.seed is None:
            return jnp.ones_like(x)
        return self.swapped(call, (len(x), x.shape[-1])).astype(x.dtype)


class MarkHidden(HideCells):
    """The inputs and, behind them, which cells the first layer of the network has hidden: it draws the same numbers."""

    seed_of = 0

    def apply(self, params, state, x, call):
        return jnp.concatenate([x, self.hidden(x, call)], axis=-1), state


class ErrorOfHidden(Loss):
    """The mean squared error of a row's hidden cells, for outputs that `MarkHidden` has marked."""

    def per_row(self, y, z):
        predicted, hidden = jnp.split(z, 2, axis=-1)
        errors = hidden * (predicted - y.astype(z.dtype)) ** 2
        return errors.sum(axis=-1) / jnp.maximum(hidden.sum(axis=-1), 1)


class MaskedFeatures(Unsupervised):
    """Hides some cells of each row and predicts them from the rest: features learned without labels.

    Hidden cells hold the values of other rows, so that a row looks like any other. The loss is the mean squared error
    of the hidden cells alone, ``sum_j m_j (x_j - f(x')_j)² / sum_j m_j`` with m their mask and x' the row with cells
    hidden, the mean over rows; what is visible need not be copied. Columns of like scale have like weight: scale them
    first, with :class:`sklearn.preprocessing.StandardScaler` for example.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Width of each hidden layer.
    activation : str, callable, or a sequence of them with one per hidden layer, default="relu"
        As in :class:`MLPClassifier`.
    rate : float, default=0.2
        Share of the cells that are hidden, drawn anew in each step. Between 0 and 1.
    solver : str or Optimizer, default="adam"
        As in :class:`MLPClassifier`, without "lbfgs": noise changes the loss of the same weights.
    alpha : float, default=0.0
        Strength of the L2 penalty, divided by the number of rows in the batch.
    batch_size : int or "auto", default="auto"
        Rows per step; "auto" is ``min(200, n_samples)``.
    learning_rate : str, schedule or callable, default="constant"
        As in :class:`MLPClassifier`.
    learning_rate_init : float or "find", default=0.001
        The first learning rate; the largest one of "onecycle". "find" lets `fit` try rates first.
    max_iter : int, default=100
        Most epochs. Noise keeps the loss from settling: they are a budget, and there is no warning at their end.
    shuffle : bool, default=True
        Whether rows are put in a new order for each epoch.
    random_state : int, RandomState or None, default=None
        Seed of weights, held-out rows, orders and noise.
    tol : float, default=1e-4
        Least improvement of the loss (or validation loss) that counts.
    verbose : bool or int, default=False
        Print a line per epoch.
    warm_start : bool, default=False
        Go on from the present weights when fitted again.
    early_stopping : bool, default=False
        Stop when the validation loss, of held-out rows with hidden cells, no longer improves,
        and restore the weights of the best epoch.
    validation_fraction : float, default=0.1
        Share of the rows held out for that.
    n_iter_no_change : int or inf, default=10
        Patience: epochs without improvement before training stops.
    dtype : {"auto", "float32", "float64", "bfloat16"}, default="auto"
        Precision of training: "auto" follows `X`.
    kernel_initializer : str, Initializer or None, default=None
        As in :class:`MLPClassifier`.
    normalization : {None, "batch", "layer"}, default=None
        Normalisation in every hidden layer.
    norm_position : {"before", "after"}, default="before"
        Whether it comes before the activation or after it.
    dropout : float or sequence of float, default=0.0
        Share of each hidden layer's outputs to drop in training.
    weight_decay : float or None, default=None
        Decoupled decay of the weights.
    clipnorm : float or None, default=None
        Largest norm of the whole gradient.
    time_budget : float or None, default=None
        Seconds for `fit`, compilation included.

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        Weight matrix (inputs by units) and bias of each layer; the hidden ones first, as an `MLPClassifier` has them.
    history_ : dict of ndarray
        Columns epoch, loss, val_loss, learning_rate, seconds.
    loss_ : float
        Last training loss, with the penalty.
    n_iter_ : int
        Epochs of the last fit.
    stop_reason_ : str or None
        Why training ended before its last epoch.
    n_features_in_, feature_names_in_ : int, ndarray of str
        Number and names of the columns seen in `fit`.
    model_ : lamina.models.Sequential
        The network, for ``model_.summary()``.

    References
    ----------
    Devlin et al. (2019), BERT: pre-training of deep bidirectional transformers for language understanding; Yoon et al.
    (2020), VIME: extending the success of self- and semi-supervised learning to tabular domain.

    Examples
    --------
    >>> from lamina import MaskedFeatures
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> X = scale(load_iris().data)
    >>> task = MaskedFeatures((16, 8), max_iter=50, random_state=0).fit(X)
    >>> task.transform(X).shape
    (150, 8)
    """

    _constraints: ClassVar = {
        **CONSTRAINTS,
        "solver": STOCHASTIC,
        "rate": (Number(0, 1, open_low=True, open_high=True),),
    }
    loss = "masked"

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        rate=0.2,
        solver="adam",
        alpha=0.0,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        max_iter=100,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        dtype="auto",
        kernel_initializer=None,
        normalization=None,
        norm_position="before",
        dropout=0.0,
        weight_decay=None,
        clipnorm=None,
        time_budget=None,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.rate = rate
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.dtype = dtype
        self.kernel_initializer = kernel_initializer
        self.normalization = normalization
        self.norm_position = norm_position
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.time_budget = time_budget

    def _corruption(self) -> list[Layer]:
        return [HideCells(self.rate)]

    def _head(self, n_outputs: int) -> list[Layer]:
        return [output_layer(self, n_outputs), MarkHidden(self.rate)]

    def _loss(self) -> Loss:
        return ErrorOfHidden()
