"""The regressor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if

from lamina.callbacks.base import Callback
from lamina.errors import DataError, InvalidParameter
from lamina.losses import Loss
from lamina.metrics import Metric
from lamina.neural_network.base import BaseMLP
from lamina.neural_network.loss import REGRESSOR_LOSS, regressor_loss
from lamina.neural_network.parameters import CONSTRAINTS
from lamina.neural_network.scoring import REGRESSOR_SCORING, scores_of


class MLPRegressor(RegressorMixin, BaseMLP):
    """Multi-layer perceptron regressor: scikit-learn's interface and numbers on a compiled engine.

    Minimises half the mean squared error (or half the Poisson deviance) plus ``alpha / 2 · |kernels|² / rows``, for
    one or several targets. With the same parameters, data and ``random_state`` it follows the trajectory of
    :class:`sklearn.neural_network.MLPRegressor`.

    Parameters
    ----------
    loss : str, Loss or callable, default="squared_error"
        What is minimised: "squared_error" (half the mean square) and "poisson" (half the deviance; predicts
        ``exp(output)`` and expects targets of at least 0) are scikit-learn's; else "absolute_error", "huber",
        "log_cosh", "quantile" (of the median; ``lamina.losses.Quantile(0.9)`` for another), "mean_squared_error",
        "mean_absolute_percentage_error", "mean_squared_logarithmic_error", "cosine_similarity", an object of
        `lamina.losses`, or any function ``loss(y_true, y_pred)`` written with jax.numpy, of two arrays of shape
        (n_samples, n_outputs), that gives a value per row or their mean.
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Width of each hidden layer.
    activation : str, callable, or a sequence of them with one per hidden layer, default="relu"
        "identity", "logistic", "tanh", "relu", "leaky_relu" (of slope 0.01), "prelu" (slopes are learned), "rrelu"
        (slopes are random in training), "elu", "selu", "gelu", "silu", "mish", "softplus", or any function of an array
        that JAX can trace; its derivative is automatic.
    solver : str or Optimizer, default="adam"
        "adam", "sgd" (also as "momentum" and "nesterov", which say what `nesterovs_momentum` else says) or another name
        or object of `lamina.optimizers`, or "lbfgs", which takes all rows at once and suits small data. An object keeps
        its own learning rate and other numbers.
    alpha : float, default=0.0001
        Strength of the L2 penalty, divided by the number of rows in the batch.
    batch_size : int or "auto", default="auto"
        Rows per step; "auto" is ``min(200, n_samples)``.
    learning_rate : str, schedule or callable, default="constant"
        For "sgd" only: "invscaling" divides by the rows seen to the power `power_t`, "adaptive" divides by 5 whenever
        patience runs out. For every solver: "plateau", which does the same; "onecycle" (up to `learning_rate_init` and
        down again, with momentum the other way), "cosine", "exponential" (to 1%) and "linear" (to 0), each over
        `max_iter` epochs; an object of `lamina.optimizers.schedules`, or any function of the step's number.
    learning_rate_init : float or "find", default=0.001
        The first learning rate; the largest one of "onecycle". "find" lets `fit` try rates first, on a copy (see
        :func:`lamina.inspection.find_learning_rate`), and train with the one that is suggested; the time of
        `time_budget` begins after that.
    power_t : float, default=0.5
        Exponent of "invscaling".
    max_iter : int, default=200
        Most epochs ("sgd", "adam") or iterations ("lbfgs").
    shuffle : bool, default=True
        Whether rows are put in a new order for each epoch.
    random_state : int, RandomState or None, default=None
        Seed of weights, held-out rows and orders. The same seed gives scikit-learn's numbers.
    tol : float, default=1e-4
        Least improvement of the loss (or validation score) that counts.
    verbose : bool or int, default=False
        Print a line per epoch.
    warm_start : bool, default=False
        Go on from the present weights when fitted again.
    momentum : float, default=0.9
        Momentum of "sgd", "momentum" and "nesterov".
    nesterovs_momentum : bool, default=True
        Whether the momentum of "sgd" is Nesterov's.
    early_stopping : bool, default=False
        Stop when the validation score no longer improves, and restore the weights of the best epoch.
    validation_fraction : float, default=0.1
        Share of the rows held out for that, unless ``validation_data`` is given to `fit`.
    beta_1, beta_2 : float, default=0.9, 0.999
        Decay of Adam's running means of the gradient and of its square.
    epsilon : float, default=1e-8
        Keeps Adam's division finite.
    n_iter_no_change : int or inf, default=10
        Patience: epochs without improvement before training stops.
    max_fun : int, default=15000
        Most evaluations of the loss for "lbfgs".
    dtype : {"auto", "float32", "float64", "bfloat16"}, default="auto"
        Precision of training: "auto" follows `X` as scikit-learn does; "bfloat16" is for matrix products only.
    kernel_initializer : str, Initializer or None, default=None
        How weights are drawn: a name or object of `lamina.initializers`, or "auto" for the one that suits the
        activation (Glorot, He or LeCun); biases start at 0 then. None draws both as scikit-learn does.
    normalization : {None, "batch", "layer"}, default=None
        Normalisation in every hidden layer.
    norm_position : {"before", "after"}, default="before"
        Whether it comes before the activation, where it replaces the bias, or after it.
    dropout : float or sequence of float, default=0.0
        Share of each hidden layer's outputs to drop in training; one rate for all layers or one each. SELU layers get
        AlphaDropout.
    input_dropout : float, default=0.0
        Share of the inputs to drop in training.
    l1 : float, default=0.0
        Strength of an L1 penalty, divided as `alpha` is.
    max_norm : float or None, default=None
        Largest norm of the weights that go into each unit.
    weight_decay : float or None, default=None
        Decoupled decay: each step first takes ``learning_rate · weight_decay · w`` off every weight.
    clipnorm : float or None, default=None
        Largest norm of the whole gradient; a longer one is scaled down.
    clipvalue : float or None, default=None
        Largest absolute value of each component of the gradient.
    ema : float or None, default=None
        Finish with a running average of the weights that keeps this share at each step, such as 0.999.
    scoring : str, Metric or None, default=None
        The score of the validation rows, which early stopping watches: None and "r2" are scikit-learn's; else
        "mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error", "log_cosh", "huber", "quantile", "poisson", "cosine_similarity", an object of
        `lamina.metrics`, or "loss" for the validation loss. More is always better: what is better when less, such as an
        error, is the score with a minus sign.
    time_budget : float or None, default=None
        Seconds for `fit`, compilation included: no epoch begins that is expected to end later (see
        :class:`lamina.callbacks.TimeBudget`). ``stop_reason_`` says so, and there is no ConvergenceWarning.
    n_members : int, default=1
        Number of networks. Several are trained side by side from seeds of their own, drawn from `random_state`, and
        their predictions are averaged (Lakshminarayanan et al., 2017); ``estimators_`` has them. Each is what an
        estimator with its parameters learns alone. Not with `warm_start`, `time_budget`, `partial_fit`, callbacks or
        first weights.
    bootstrap : bool, default=False
        Whether each of several networks has rows of its own: as many draws with replacement as there are rows, of
        which a row weighs as many times as it was drawn (Breiman, 1996).
    pretrain : str, object or None, default=None
        A task that the hidden layers learn first, on all rows, with labels or without: "contrastive"
        (:class:`Contrastive`), "masked" (:class:`MaskedFeatures`), "autoencoder" or "greedy" (:class:`Autoencoder`), or
        an unfitted object of these classes, whose hidden layers become those of this network; what says how it is
        trained stays its own. Then rows with NaN as target (as all targets) have no label: they are pretrained on,
        and else left out.
    frozen_epochs : int, default=400
        After pretraining, most epochs in which only the output layer is trained; those of `max_iter` follow, in which
        all layers are. Each phase ends by itself as any training does.

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        Weight matrix (inputs by units) and bias of each layer; read-only arrays, replace them to change them.
    loss_, best_loss_ : float
        Last and smallest training loss (`best_loss_` is None with early stopping).
    loss_curve_ : list of float
        Training loss of each epoch, with the penalty.
    validation_scores_ : list of float or None
        R² (or `scoring`) on the validation rows after each epoch, with early stopping.
    best_validation_score_ : float or None
        The best of those.
    history_ : dict of ndarray
        Columns epoch, loss, val_loss (without the penalty), val_score, learning_rate, seconds, and what callbacks add;
        has ``to_pandas()`` and ``to_polars()``.
    stop_reason_ : str or None
        Why training ended before its last epoch.
    learning_rate_init_ : float
        `learning_rate_init`, or the number that was found in its place; not with "lbfgs".
    n_iter_, t_ : int
        Epochs of the last fit; rows seen in all fits.
    n_layers_, n_outputs_ : int
        Layers counting inputs and outputs; output units.
    out_activation_ : str
        "identity", or "exp" for Poisson losses.
    n_features_in_, feature_names_in_ : int, ndarray of str
        Number and names of the columns seen in `fit` (names only if all are strings).
    feature_importances_ : ndarray of shape (n_features_in_,)
        Share of each standardised column in the slope of the outputs, for `SelectFromModel`; see
        :func:`lamina.inspection.input_gradients` for other rows.
    model_ : lamina.models.Sequential
        The network, for ``model_.summary()``.
    estimators_ : list of MLPRegressor
        The networks of ``n_members=2`` or more, which have the attributes above that concern one network. The ensemble
        has their mean `history_`, in which a network that has stopped counts with its last values, and as `n_iter_`
        the epochs of the longest.
    pretrainer_ : object
        The network of the task, with its own ``history_``; only with `pretrain`. The columns of `history_` then have a
        further one, "phase": "frozen" or "fine-tuning".

    References
    ----------
    Kingma & Ba (2014), Adam: a method for stochastic optimization.
    Lakshminarayanan, Pritzel & Blundell (2017), Simple and scalable predictive uncertainty estimation using deep
    ensembles; Breiman (1996), Bagging predictors.

    Examples
    --------
    >>> from lamina import MLPRegressor
    >>> from sklearn.datasets import make_regression
    >>> X, y = make_regression(n_samples=200, n_features=4, random_state=0)
    >>> reg = MLPRegressor(hidden_layer_sizes=(30,), solver="lbfgs", tol=0.1, max_iter=1000, random_state=0).fit(X, y)
    >>> reg.score(X, y) > 0.99
    True
    """

    _constraints: ClassVar = {**CONSTRAINTS, "loss": REGRESSOR_LOSS, "scoring": REGRESSOR_SCORING}

    def __init__(
        self,
        loss="squared_error",
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        dtype="auto",
        kernel_initializer=None,
        normalization=None,
        norm_position="before",
        dropout=0.0,
        input_dropout=0.0,
        l1=0.0,
        max_norm=None,
        weight_decay=None,
        clipnorm=None,
        clipvalue=None,
        ema=None,
        scoring=None,
        time_budget=None,
        n_members=1,
        bootstrap=False,
        pretrain=None,
        frozen_epochs=400,
    ):
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.dtype = dtype
        self.kernel_initializer = kernel_initializer
        self.normalization = normalization
        self.norm_position = norm_position
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.l1 = l1
        self.max_norm = max_norm
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.ema = ema
        self.scoring = scoring
        self.time_budget = time_budget
        self.n_members = n_members
        self.bootstrap = bootstrap
        self.pretrain = pretrain
        self.frozen_epochs = frozen_epochs

    def _loss(self) -> Loss:
        return regressor_loss(self.loss)

    def _scores(self) -> tuple[tuple[str, Metric], ...]:
        return scores_of(self.scoring, "r2", self._link())

    def _link(self) -> str:
        return self._loss().link

    def _check_parameters(self) -> None:
        if isinstance(self.loss, int | np.integer | list | tuple | np.ndarray):
            raise InvalidParameter(
                f"The first parameter of MLPRegressor is loss, as in scikit-learn; received loss={self.loss!r}. Did "
                f"you mean MLPRegressor(hidden_layer_sizes={self.loss!r})?"
            )
        super()._check_parameters()

    def _without_label(self, y):
        missing = np.isnan(np.asarray(y, dtype=np.float64))
        return missing.reshape(len(missing), -1).all(axis=1)

    def _known_targets(self, y, known):
        return np.asarray(y, dtype=np.float64)[known]

    def _encode_target(self, y, first, incremental):
        y = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
        if self._link() == "exp" and (y < 0).any():
            raise DataError(
                f"loss={self.loss!r} expects targets of at least 0; received a smallest target of {y.min():g}."
            )
        return np.asarray(y, dtype=np.float64).reshape(len(y), -1)

    def fit(
        self,
        X,
        y,
        sample_weight=None,
        *,
        validation_data=None,
        coefs_init=None,
        intercepts_init=None,
        callbacks: Sequence[Callback] = (),
        unlabeled=None,
    ):
        """Train the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row in the loss; None weighs all alike.
        validation_data : tuple (X_val, y_val) or (X_val, y_val, sample_weight_val), default=None
            Rows that the history is measured on after each epoch; with ``early_stopping=True`` they take the place
            of the held-out share.
        coefs_init, intercepts_init : list of ndarray, default=None
            Weights to start from instead of random ones, shaped as ``coefs_`` and ``intercepts_``.
        callbacks : sequence of lamina.callbacks.Callback, default=()
            Told about the start, each epoch, and the end.
        unlabeled : {array-like, sparse matrix} of shape (n_unlabeled, n_features), default=None
            More rows without labels to pretrain on, with the columns of `X`. Only with `pretrain`.

        Returns
        -------
        self : MLPRegressor
            The trained regressor.

        Raises
        ------
        DataError
            If the rows cannot be trained on; nothing has been trained then.
        DivergenceError
            If the loss explodes or is no longer finite; the last finite weights are kept.
        """
        return self._fit(
            X, y, sample_weight, validation_data, coefs_init, intercepts_init, callbacks, unlabeled=unlabeled
        )

    @available_if(lambda est: est._takes_parts())
    def partial_fit(self, X, y, sample_weight=None, *, validation_data=None):
        """Train for one epoch over the given rows.

        With ``early_stopping=True`` each call holds out ``validation_fraction`` of its rows (or takes
        ``validation_data``); once the score has not improved for ``n_iter_no_change`` calls the best weights are
        restored and further calls leave them alone.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row in the loss; None weighs all alike.
        validation_data : tuple, default=None
            As in `fit`.

        Returns
        -------
        self : MLPRegressor
            The regressor.
        """
        return self._fit(X, y, sample_weight, validation_data, incremental=True)

    def predict(self, X):
        """The predicted targets.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predictions in the dtype of training.
        """
        outputs = self._outputs(X)
        return outputs.ravel() if outputs.shape[1] == 1 else outputs
