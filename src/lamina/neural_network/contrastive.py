"""Two noisy views of a row that belong together: a task for rows without labels."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from lamina import noise
from lamina.checks import Number
from lamina.layers import Dense, Layer, SwapNoise
from lamina.losses import Loss
from lamina.neural_network.parameters import CONSTRAINTS, STOCHASTIC
from lamina.neural_network.unsupervised import Unsupervised


class Views(SwapNoise):
    """Two noisy views of every row, on an axis of their own, whenever there is a seed: in validation too.

    Cells are swapped at the rate `swap`; then normal noise is added, whose standard deviation is `gaussian` times the
    columns' own (the root of their mean variance in the batch). None of either adds nothing to the program.
    """

    traced: ClassVar[tuple[str, ...]] = ("gaussian",)

    def __init__(self, rate: Any, gaussian: Any, **common) -> None:
        super().__init__(0.0 if rate is None else rate, **common)
        self.rate, self.gaussian = rate, gaussian

    def apply(self, params, state, x, call):
        if call.seed is None:
            return x, state
        call = call._replace(training=True)
        views = [self._view(x, call._replace(seed=noise.fold(call.seed, number))) for number in (0, 1)]
        return jnp.stack(views, axis=1), state

    def _view(self, x, call):
        view = x if self.rate is None else super().apply({}, {}, x, call)[0]
        if self.gaussian is None:
            return view
        stddev = call.hyper["gaussian"] * _deviation(x, call.rows)
        return view + stddev * noise.normal(noise.fold(call.seed, 2), x.shape, x.dtype)


def _deviation(x: jax.Array, weight: jax.Array | None) -> jax.Array:
    """The root of the columns' mean variance, over rows that weigh something."""
    rows = jnp.ones(len(x), x.dtype) if weight is None else (weight != 0).astype(x.dtype)
    share = rows / jnp.maximum(jnp.sum(rows), 1)
    return jnp.sqrt(jnp.mean(share @ jnp.square(x - share @ x)))


class InfoNCE(Loss):
    """The cross-entropy of finding each row's other view among those of all rows, of row numbers and features.

    ``-log(exp(cos(a_i, b_i) / t) / sum_j exp(cos(a_i, b_j) / t))``, the mean of both views as a. A row that is in the
    batch several times, as padding is, counts once among the others.
    """

    traced: ClassVar[tuple[str, ...]] = ("temperature",)

    def __init__(self, temperature: Any, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.temperature = temperature

    def per_row(self, y, z):
        """Of features of shape (n_rows, 2, n_features); of (n_rows, n_features) where both views are one."""
        z = z * jax.lax.rsqrt(jnp.sum(z * z, axis=-1, keepdims=True) + 1e-12)
        a, b = (z, z) if z.ndim == 2 else (z[:, 0], z[:, 1])
        same = y == y.T
        first = jnp.argmax(same, axis=1) == jnp.arange(len(y))
        counted = jnp.eye(len(y), dtype=bool) | (first & ~same)
        alike = a @ b.T / self.temperature
        among = [jax.nn.logsumexp(jnp.where(counted, s, -jnp.inf), axis=1) for s in (alike, alike.T)]
        return sum(among) / 2 - jnp.diagonal(alike)


class Contrastive(Unsupervised):
    """Brings two noisy views of a row together and keeps other rows away: features learned without labels.

    The loss of a row is ``-log(exp(cos(a_i, b_i) / t) / sum_j exp(cos(a_i, b_j) / t))`` with a and b the projections of
    both views and j over the rows of the batch; the mean of both directions. The projection, one hidden layer and
    a linear one on top of the features, is for the loss alone.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Width of each hidden layer.
    activation : str, callable, or a sequence of them with one per hidden layer, default="relu"
        As in :class:`MLPClassifier`.
    swap : float, default=0.0
        Share of the cells of a view that take the value of another row (0.6 in Bahri et al.). Below 1.
    gaussian : float, default=1.0
        Standard deviation of the normal noise that is added to all cells of a view, in units of the columns' own: of
        the root of their mean variance in the batch.
    projection : int, default=64
        Width of both layers on top of the features.
    temperature : float, default=1.0
        The t of the loss. Above 0.
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
        Stop when the validation loss, of two noisy views of held-out rows, no longer improves,
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
    Chen et al. (2020), A simple framework for contrastive learning of visual representations; van den Oord et al.
    (2018), Representation learning with contrastive predictive coding; Bahri et al. (2022), SCARF: self-supervised
    contrastive learning using random feature corruption.

    Examples
    --------
    >>> from lamina import Contrastive
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> X = scale(load_iris().data)
    >>> task = Contrastive((16, 8), swap=0.3, max_iter=50, random_state=0).fit(X)
    >>> task.transform(X).shape
    (150, 8)
    """

    _constraints: ClassVar = {
        **CONSTRAINTS,
        "solver": STOCHASTIC,
        "swap": (Number(0, 1, open_high=True),),
        "gaussian": (Number(0),),
        "projection": (Number(1, whole=True),),
        "temperature": (Number(0, open_low=True),),
    }
    loss = "contrastive"

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        swap=0.0,
        gaussian=1.0,
        projection=64,
        temperature=1.0,
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
        self.swap = swap
        self.gaussian = gaussian
        self.projection = projection
        self.temperature = temperature
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
        return [Views(self.swap or None, self.gaussian or None)]

    def _head(self, n_outputs: int) -> list[Layer]:
        return [Dense(self.projection, "relu", kernel_initializer="he_normal"), Dense(self.projection)]

    def _loss(self) -> Loss:
        return InfoNCE(self.temperature)

    def _encode_target(self, y, first: bool, incremental: bool) -> np.ndarray:
        return np.arange(len(y), dtype=np.float64)[:, None]

    def _ends(self) -> tuple[int, int]:
        return self.coefs_[0].shape[0], 1  # the row's number is the target, whatever the projection's width
