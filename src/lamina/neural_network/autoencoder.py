"""The autoencoder."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from lamina import losses
from lamina.checks import Boolean, Is, Kind, Name, Number
from lamina.data.encode import TableEncoder, is_mixed
from lamina.engine.precision import weight_dtype
from lamina.engine.predict import predict
from lamina.engine.program import program_for
from lamina.errors import DataError, InvalidParameter
from lamina.layers import (
    ActivityRegularization,
    Dense,
    DenseTranspose,
    Dropout,
    GaussianNoise,
    KLActivityRegularization,
    Layer,
    SwapNoise,
)
from lamina.losses import Loss, MixedColumns, of_output
from lamina.neural_network.architecture import hidden_activations, mirrored_layers
from lamina.neural_network.inputs import Prepared
from lamina.neural_network.layerwise import blocks_of, train_layerwise
from lamina.neural_network.parameters import CONSTRAINTS
from lamina.neural_network.unsupervised import HEAD, Unsupervised

NOISES: dict[str, Callable[[float], Layer]] = {"gaussian": GaussianNoise, "dropout": Dropout, "swap": SwapNoise}
SPARSITIES: dict[Any, Any] = {"l1": ActivityRegularization(l1=0.001), "kl": KLActivityRegularization()}
#: losses by name, with the link from outputs to reconstructions
LINKS = {"mean_squared_error": "identity", "binary_crossentropy": "sigmoid"}


class Autoencoder(Unsupervised):
    """A network that gives its own inputs back through a narrow layer, whose outputs are a code of the row.

    The hidden layers are the encoder, the last of them the code; the decoder mirrors them: ``(64, 16)`` codes 200
    columns as 200-64-16-64-200. Minimises the mean over rows of `reconstruction_error`. It is a transformer:
    `transform` gives codes, `inverse_transform` rows again. Rows that are reconstructed badly are unlike those of the
    training: anomalies.

    A DataFrame with text, dates or missing values is encoded: numbers and dates are standardised, truths and categories
    are columns of 0 and 1. Each column then has the loss that suits it, and a missing cell has none. Any other table is
    taken as the numbers that it has; scale them first where their units differ.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(64, 16)
        Width of each layer of the encoder; the last is the number of the code's columns.
    activation : str, callable, or a sequence of them with one per hidden layer, default="elu"
        As in :class:`MLPClassifier`. The decoder's layers have those of the layers opposite, and its output is linear.
        "relu" often leaves units of a narrow code at 0 for every row, which "elu" does not; ``("elu", "identity")``
        leaves the code free altogether, which a picture of two columns wants.
    loss : {"mean_squared_error", "binary_crossentropy"}, default="mean_squared_error"
        What a reconstruction costs, as a mean over columns: squared differences, or the cross-entropy of cells between
        0 and 1 with the logistic outputs. A table that is encoded has the first one for numbers.
    greedy : bool, default=False
        Train the layers one after the other first, each to give its own inputs back, then all together. Each of these
        phases has `max_iter` epochs, and an equal share of what is left of `time_budget`; ``history_["phase"]`` names
        them. Helps where a deep network with saturating activations would not learn at once.
    tied : bool, default=False
        Whether the decoder has the encoder's kernels, transposed, and only biases of its own: half as many weights.
    noise : {None, "gaussian", "dropout", "swap"}, default=None
        Noise of the inputs in training, which the network learns to take away: normal numbers are added, cells are set
        to 0, or cells take the value of another row. A column's category is swapped as a whole.
    noise_level : float, default=0.1
        Standard deviation of "gaussian"; share of the cells for "dropout" and "swap".
    sparsity : {None, "l1", "kl"} or Layer, default=None
        What the code's activity costs in training: "l1" is ``ActivityRegularization(l1=0.001)``, "kl"
        ``KLActivityRegularization(target=0.05, strength=0.1)``, which needs a logistic activation of the code; or one
        of these layers of `lamina.layers` with other numbers.
    solver : str or Optimizer, default="adam"
        As in :class:`MLPClassifier`; "lbfgs" suits small data.
    alpha : float, default=0.0
        Strength of the L2 penalty, divided by the number of rows in the batch.
    batch_size : int or "auto", default="auto"
        Rows per step; "auto" is ``min(200, n_samples)``.
    learning_rate : str, schedule or callable, default="constant"
        As in :class:`MLPClassifier`.
    learning_rate_init : float or "find", default=0.001
        The first learning rate; the largest one of "onecycle". "find" lets `fit` try rates first.
    max_iter : int, default=200
        Most epochs (iterations for "lbfgs"), of each phase.
    shuffle : bool, default=True
        Whether rows are put in a new order for each epoch.
    random_state : int, RandomState or None, default=None
        Seed of weights, held-out rows, orders and noise.
    tol : float, default=1e-5
        Least improvement of the loss (or validation loss) that counts; losses are smaller than a classifier's.
    verbose : bool or int, default=False
        Print a line per epoch.
    warm_start : bool, default=False
        Go on from the present weights when fitted again, with all layers.
    early_stopping : bool, default=False
        Stop when the validation loss no longer improves, and restore the weights of the best epoch.
    validation_fraction : float, default=0.1
        Share of the rows held out for that, unless ``validation_data`` is given to `fit`.
    n_iter_no_change : int or inf, default=10
        Patience: epochs without improvement before a phase ends.
    dtype : {"auto", "float32", "float64", "bfloat16"}, default="auto"
        Precision of training: "auto" follows `X`; a table that is encoded is float32.
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
        Weight matrix (inputs by units) and bias of each layer, the encoder's first; only the encoder's if `tied`.
    encoder_ : lamina.data.TableEncoder or None
        How a table is encoded; None for rows that are taken as they are.
    history_ : dict of ndarray
        Columns epoch, loss, val_loss, learning_rate, seconds, and with `greedy` phase: "layer 1", ..., "all layers".
    loss_ : float
        Last training loss, with penalties.
    n_iter_ : int
        Epochs of the last phase.
    stop_reason_ : str or None
        Why training ended before its last epoch.
    n_features_in_, feature_names_in_ : int, ndarray of str
        Number and names of the columns seen in `fit`.
    model_ : lamina.models.Sequential
        The network, for ``model_.summary()``.

    References
    ----------
    Hinton & Salakhutdinov (2006), Reducing the dimensionality of data with neural networks.
    Bengio et al. (2006), Greedy layer-wise training of deep networks.
    Vincent et al. (2010), Stacked denoising autoencoders; Ng (2011), Sparse autoencoder (lecture notes of CS294A).

    Examples
    --------
    >>> from lamina import Autoencoder
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().data / 16
    >>> ae = Autoencoder((32,), tol=1e-3, n_iter_no_change=5, random_state=0).fit(X[:1000])
    >>> ae.transform(X).shape, ae.inverse_transform(ae.transform(X)).shape
    ((1797, 32), (1797, 64))
    >>> bool(ae.reconstruction_error(1 - X).mean() > 2 * ae.reconstruction_error(X).mean())  # no digits: anomalies
    True
    """

    _constraints: ClassVar = {
        **CONSTRAINTS,
        "loss": (Name(LINKS),),
        "greedy": (Boolean,),
        "tied": (Boolean,),
        "noise": (Is(None), Name(NOISES)),
        "noise_level": (Number(0),),
        "sparsity": (
            Is(None),
            Name(SPARSITIES),
            Kind((ActivityRegularization, KLActivityRegularization), "an ActivityRegularization or its KL kind"),
        ),
    }
    #: what is known of an encoded table
    _table: dict[str, Any] | None = None
    #: number of the hidden layer that is being trained by itself
    _layer_alone: int | None = None

    def __init__(
        self,
        hidden_layer_sizes=(64, 16),
        activation="elu",
        *,
        loss="mean_squared_error",
        greedy=False,
        tied=False,
        noise=None,
        noise_level=0.1,
        sparsity=None,
        solver="adam",
        alpha=0.0,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-5,
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
        self.loss = loss
        self.greedy = greedy
        self.tied = tied
        self.noise = noise
        self.noise_level = noise_level
        self.sparsity = sparsity
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

    # -- the network ----------------------------------------------------------------------------------------------

    def _corruption(self) -> list[Layer]:
        if self.noise is None:
            return []
        if self.noise == "swap" and self.encoder_ is not None and not self._layer_alone:
            return [SwapNoise(self.noise_level, self.encoder_.widths())]
        return [NOISES[self.noise](self.noise_level)]

    def _head(self, n_outputs: int) -> list[Layer]:
        decoder = mirrored_layers(self, n_outputs)
        price = [] if self.sparsity is None else [SPARSITIES.get(self.sparsity, self.sparsity)]
        return [*price, *(self._tied(decoder) if self.tied else decoder)]

    def _tied(self, decoder: list[Layer]) -> list[Layer]:
        """The decoder with the kernels of the encoder's dense layers, from the code's on down."""
        names = iter([name for name, layer in self._trunk() if isinstance(layer, Dense)][::-1])
        return [
            DenseTranspose(layer.units, next(names), layer.activation, layer.use_bias, layer.bias_initializer)
            if isinstance(layer, Dense)
            else layer
            for layer in decoder
        ]

    def _layers(self, n_outputs: int) -> tuple[tuple[str, Layer], ...]:
        whole, number = super()._layers(n_outputs), self._layer_alone
        if number is None:
            return whole
        trunk = self._trunk()
        below = [pair for pair in whole if pair[0].startswith("corruption_")]
        head = [pair for pair in whole if pair[0].startswith(HEAD)]
        first = next(place for place, (_, layer) in enumerate(head) if isinstance(layer, Dense | DenseTranspose))
        encoder, decoder = blocks_of(trunk), blocks_of(head[first:])
        sparsity = head[:first] if number == len(encoder) - 1 else []
        return (*below, *encoder[number], *sparsity, *decoder[len(encoder) - 1 - number])

    def _loss(self) -> Loss:
        if self._layer_alone:
            return losses.get("mean_squared_error")
        if self.encoder_ is not None:
            return MixedColumns(self.encoder_.blocks())
        return of_output(losses.get(self.loss), LINKS[self.loss])

    def _link(self) -> str:
        return "identity" if self.encoder_ is not None else LINKS[self.loss]

    def _ends(self) -> tuple[int, int]:
        return self.coefs_[0].shape[0], self.coefs_[0].shape[0]

    # -- rows -----------------------------------------------------------------------------------------------------

    @property
    def encoder_(self) -> TableEncoder | None:
        """How a table is encoded."""
        if self._table is None:
            return None
        encoder = TableEncoder()
        encoder.__dict__.update(self._table)
        return encoder

    @property
    def _row_shape(self) -> tuple[int, ...]:
        return (self.n_features_in_ if self.encoder_ is None else sum(self.encoder_.widths()),)

    def _rows(self, X, first: bool = False) -> np.ndarray:
        if first:
            self._table = dict(vars(TableEncoder(clip=None).fit(X))) if is_mixed(X) else None
        if self.encoder_ is None:
            return super()._rows(X, first)
        if first:
            validate_data(self, X, skip_check_array=True)
        return self.encoder_.transform(X)

    def _targets(self, X, rows: np.ndarray) -> np.ndarray:
        if self.loss == "binary_crossentropy":
            self._check_shares(rows)
        return rows if self.encoder_ is None else self.encoder_.targets(X)

    def _check_shares(self, rows: np.ndarray) -> None:
        """Raise unless all cells are from 0 to 1."""
        if self.encoder_ is not None:
            raise InvalidParameter(
                'loss="binary_crossentropy" is for numbers from 0 to 1, and this table has text, dates or missing '
                "values, which get losses of their own. Leave loss out."
            )
        if rows.min() < 0 or rows.max() > 1:
            raise DataError(
                f'loss="binary_crossentropy" expects cells from 0 to 1; received {rows.min():g} to {rows.max():g}. '
                "Scale them, for example with sklearn.preprocessing.MinMaxScaler, or leave loss out."
            )

    # -- training -------------------------------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.noise is not None and self.solver == "lbfgs":
            raise InvalidParameter(
                f'solver="lbfgs" needs the same loss for the same weights, which noise={self.noise!r} denies it. Use '
                "another solver, such as adam, or leave noise out."
            )
        code = hidden_activations(self)[-1]
        kl = self.sparsity == "kl" or isinstance(self.sparsity, KLActivityRegularization)
        if kl and code not in ("logistic", "sigmoid"):
            raise InvalidParameter(
                f"sparsity={self.sparsity!r} compares activities between 0 and 1, and the code's activation is "
                f'{code!r}. Use activation="logistic" (for the last layer at least), or sparsity="l1".'
            )

    def _train(
        self, prepared: Prepared, callbacks=(), incremental: bool = False, time_budget=None, max_epochs=None
    ) -> None:
        train = super()._train
        if not self.greedy or self._layer_alone is not None:
            train(prepared, callbacks, incremental, time_budget, max_epochs)
        else:
            train_layerwise(self, prepared, time_budget, lambda rows, **share: train(rows, callbacks, **share))

    # -- reconstructions ------------------------------------------------------------------------------------------

    def inverse_transform(self, X):
        """Rows from codes, in the units of the rows of `fit`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_codes)
            Codes, as `transform` gives them.

        Returns
        -------
        rows : ndarray of shape (n_samples, n_features), or DataFrame
            A DataFrame where `fit` was given a table that is encoded: numbers in their units and the most probable
            categories, which fills what was missing.

        Raises
        ------
        DataError
            If the codes have another number of columns.
        """
        check_is_fitted(self)
        codes = check_array(X, dtype=[np.float64, np.float32], input_name="X").astype(weight_dtype(self._dtype_))
        if codes.shape[1] != self._n_features_out:
            raise DataError(f"Codes have {self._n_features_out} columns; received {codes.shape[1]}. Give transform(X).")
        plan = self._plan()
        program = program_for(dataclasses.replace(plan, layers=plan.layers[self._depth :]))
        rows = predict(program.predict, program, *self._on_device(), codes)
        return rows if self.encoder_ is None else self.encoder_.inverse_transform(rows)

    def reconstruction_error(self, X) -> np.ndarray:
        """How badly each row is reconstructed: its loss, without noise and penalties.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        errors : ndarray of shape (n_samples,)
            Means over the columns that are not missing. Of a table that is encoded, a standardised number that is
            predicted by its mean costs 1, a category as much as its entropy.
        """
        check_is_fitted(self)
        rows = self._rows(X)
        return self._apply(self._program().losses, rows, self._targets(X, rows))

    def score(self, X, y=None) -> float:
        """Minus the mean reconstruction error: more is better.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        y : ignored
            For scikit-learn.

        Returns
        -------
        score : float
        """
        return -float(self.reconstruction_error(X).mean())
