"""A network that learns from pairs of rows whether they are of the same class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from sklearn.utils import _safe_indexing, check_random_state, column_or_1d, indexable
from sklearn.utils.validation import _num_samples, check_is_fitted

from lamina.callbacks import Callback
from lamina.checks import Number
from lamina.data.rows import check_rows
from lamina.data.split import hold_out
from lamina.errors import DataError
from lamina.layers import Layer, PairDifference, PReLU
from lamina.losses import LOSSES, Loss
from lamina.metrics import Metric
from lamina.neural_network.architecture import hidden_layers, named, output_layer
from lamina.neural_network.base import BaseMLP
from lamina.neural_network.inputs import dense_rows
from lamina.neural_network.parameters import CONSTRAINTS
from lamina.neural_network.scoring import scores_of
from lamina.neural_network.unsupervised import Unsupervised


class Pairs(NamedTuple):
    """Pairs as a user gives them: row i of `A` belongs to row i of `B`."""

    A: Any
    B: Any


class PairNetwork(Unsupervised):
    """Learns from pairs whether two rows are of the same class, as a way to features for another task.

    A Siamese network: both rows a and b go through the same hidden layers f, and
    ``P(same) = 1 / (1 + exp(-(|f(a) - f(b)| · w + c)))`` is trained with the log-loss. Pairs are plentiful where labels
    are not: 100 rows make 4,950 of them, and the rows may be of other classes than those of the main task (faces of
    strangers, before a few pictures of each friend). `transform` gives f, and `trunk_` the layers to reuse.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Width of each hidden layer, at least one; the last is the number of features.
    activation : str, callable, or a sequence of them with one per hidden layer, default="relu"
        As in `MLPClassifier`.
    n_pairs : int, default=10000
        How many pairs `fit` draws from the rows: half of one class, half of two, the first row of each any that has
        such a partner. They are drawn once, with replacement, and lie in memory as two rows each.
    solver, alpha, batch_size, learning_rate, learning_rate_init, max_iter, shuffle
        As in `MLPClassifier`, with pairs in the place of rows.
    random_state : int, RandomState or None, default=None
        Seed of pairs, weights, held-out rows and orders.
    tol, verbose, warm_start, early_stopping, validation_fraction, n_iter_no_change
        As in `MLPClassifier`. Early stopping in `fit` holds out rows before any pairs are drawn, so that no row is in
        pairs of both parts; `fit_pairs` holds out pairs.
    dtype, kernel_initializer, normalization, norm_position, dropout, weight_decay, clipnorm, time_budget
        As in `MLPClassifier`.

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        Weights and biases of the hidden layers, then w and c.
    trunk_ : lamina.models.Sequential
        The hidden layers with their weights, named as those of an `MLPClassifier`.
    model_ : lamina.models.Sequential
        The whole network, for pairs of shape (n_pairs, 2, n_features).
    loss_, loss_curve_, history_, n_iter_, stop_reason_, ...
        As those of `MLPClassifier`; the score is the share of pairs that are told rightly.

    References
    ----------
    Bromley et al. (1993), Signature verification using a "Siamese" time delay neural network.
    Koch, Zemel & Salakhutdinov (2015), Siamese neural networks for one-shot image recognition.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> net = PairNetwork((20,), n_pairs=1000, tol=0.01, learning_rate_init=0.01, random_state=0).fit(X, y)
    >>> net.predict_pairs(X[[0, 0]], X[[1, 100]])
    array([ True, False])
    >>> net.transform(X).shape
    (150, 20)
    """

    _constraints: ClassVar = CONSTRAINTS | {"n_pairs": (Number(2, whole=True),)}

    loss = None
    _needs_labels = True

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        n_pairs=10_000,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        max_iter=200,
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
        self.n_pairs = n_pairs
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

    # -- what is trained ------------------------------------------------------------------------------------------

    @property
    def _row_shape(self) -> tuple[int, ...]:
        return (2, self.n_features_in_)

    def _trunk(self) -> tuple[tuple[str, Layer], ...]:
        layers = hidden_layers(self)
        for layer in layers:
            if isinstance(layer, PReLU):
                layer.shared_axes = 1  # the halves of a pair; every other layer shares its weights by itself
        return named(layers)

    def _head(self, n_outputs: int) -> list[Layer]:
        return [PairDifference(), output_layer(self, n_outputs)]

    def _loss(self) -> Loss:
        return LOSSES["binary_log_loss"]

    def _link(self) -> str:
        return "logistic"

    def _scores(self) -> tuple[tuple[str, Metric], ...]:
        return scores_of(None, "exact_match", self._link())

    # -- pairs ----------------------------------------------------------------------------------------------------

    def _check_data(self, X, y, first: bool) -> tuple:
        if isinstance(X, Pairs):
            pairs = self._stacked(X, first)
            return pairs, _checked_same(y, len(pairs))
        X, y = check_rows(self, X, y, reset=first)
        left, right, same = draw_pairs(column_or_1d(y), self.n_pairs, check_random_state(self.random_state))
        X = dense_rows(X)
        return np.stack([X[left], X[right]], axis=1), same

    def _stacked(self, pairs: Pairs, first: bool = False) -> np.ndarray:
        """Given pairs as one array of shape (n_pairs, 2, n_features); `first` learns the columns."""
        A = dense_rows(check_rows(self, pairs.A, reset=first))
        B = dense_rows(check_rows(self, pairs.B, reset=False))
        if len(A) != len(B):
            raise DataError(f"A has {len(A)} rows and B has {len(B)}. Row i of A and row i of B are pair i.")
        return np.stack([A, B], axis=1)

    def _encode_target(self, y, first: bool, incremental: bool) -> np.ndarray:
        return y[:, None]

    # -- what users call ------------------------------------------------------------------------------------------

    def fit(self, X, y, *, validation_data=None, callbacks: Sequence[Callback] = ()):  # type: ignore[override]
        """Learn from pairs that are drawn from labelled rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        y : array-like of shape (n_samples,)
            Their classes, such as who is in a picture; at least two, and one of them with two rows.
        validation_data : tuple (X_val, y_val), default=None
            Rows from which the pairs are drawn that the history is measured on after each epoch; with
            ``early_stopping=True`` they take the place of the held-out share.
        callbacks : sequence of lamina.callbacks.Callback, default=()
            Told about the start, each epoch, and the end.

        Returns
        -------
        self : PairNetwork
            The trained network.

        Raises
        ------
        DataError
            If the rows cannot be trained on, or make no pairs of both kinds; nothing has been trained then.
        DivergenceError
            If the loss explodes or is no longer finite; the last finite weights are kept.
        """
        if self.early_stopping and validation_data is None:
            self._check_parameters()
            X, y = indexable(X, y)
            rng = check_random_state(self.random_state)
            parts = hold_out(_num_samples(X), self.validation_fraction, rng, stratify=None)
            (X, y), validation_data = ([_safe_indexing(data, part) for data in (X, y)] for part in parts)
        return self._fit(X, y, validation_data=validation_data, callbacks=callbacks)

    def fit_pairs(self, A, B, same, *, callbacks: Sequence[Callback] = ()):
        """Learn from given pairs.

        Parameters
        ----------
        A, B : {array-like, sparse matrix} of shape (n_pairs, n_features)
            The rows of the pairs; their order within a pair does not matter.
        same : array-like of shape (n_pairs,)
            True or 1 where both are of one class, False or 0 where not; there must be pairs of both kinds.
        callbacks : sequence of lamina.callbacks.Callback, default=()
            Told about the start, each epoch, and the end.

        Returns
        -------
        self : PairNetwork
            The trained network.

        Raises
        ------
        DataError
            If the pairs cannot be trained on; nothing has been trained then.
        DivergenceError
            If the loss explodes or is no longer finite; the last finite weights are kept.
        """
        return self._fit(Pairs(A, B), same, callbacks=callbacks)

    def predict_proba_pairs(self, A, B) -> np.ndarray:
        """The probability that the rows of each pair are of the same class.

        Parameters
        ----------
        A, B : {array-like, sparse matrix} of shape (n_pairs, n_features)
            The rows of the pairs.

        Returns
        -------
        probability : ndarray of shape (n_pairs,)
            The same for a pair and its reverse. As trained on halves: where same pairs are rare, it is too high.
        """
        check_is_fitted(self)
        return self._apply(self._program().predict, self._stacked(Pairs(A, B)))[:, 0]

    def predict_pairs(self, A, B) -> np.ndarray:
        """Whether the rows of each pair are of the same class.

        Parameters
        ----------
        A, B : {array-like, sparse matrix} of shape (n_pairs, n_features)
            The rows of the pairs.

        Returns
        -------
        same : ndarray of bool of shape (n_pairs,)
            Where the probability is above 1/2.
        """
        return self.predict_proba_pairs(A, B) > 0.5

    def evaluate(self, X, y, return_dict: bool = False):  # type: ignore[override]
        """The loss and the score on pairs that are drawn from labelled rows as in `fit`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        y : array-like of shape (n_samples,)
            Their classes, which may be others than those of `fit`.
        return_dict : bool, default=False
            A dictionary by name instead of a list.

        Returns
        -------
        list of float, or dict
            ``loss`` and ``score``.
        """
        return BaseMLP.evaluate(self, X, y, return_dict=return_dict)

    def score(self, X, y) -> float:
        """The share of `n_pairs` pairs, half of each kind, that are told rightly: 0.5 is chance.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows from which the pairs are drawn.
        y : array-like of shape (n_samples,)
            Their classes, which may be others than those of `fit`.

        Returns
        -------
        float
        """
        return self.evaluate(X, y)[1]

    @property
    def predict_uncertainty(self):
        """Not for pairs."""
        raise AttributeError("PairNetwork has no predict_uncertainty; predict_proba_pairs(A, B) gives probabilities.")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def draw_pairs(
    labels: np.ndarray, n_pairs: int, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row numbers of the first and second halves, and which pairs are of one class: every other one."""
    _, number, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(counts) < 2 or counts.max() < 2:
        raise DataError(
            f"Pairs of one class and of two need two rows of a class, and another class. Received {len(labels)} rows "
            f"of {len(counts)} {'class' if len(counts) == 1 else 'classes'}. Give more rows, or the right y."
        )
    order = np.argsort(number, kind="stable")  # a class is one stretch of it, and the others follow, around the end
    starts, n_rows = np.cumsum(counts) - counts, len(labels)
    same = np.arange(n_pairs) % 2 == 0
    paired = np.flatnonzero(counts[number[order]] > 1)
    first = np.where(same, rng.choice(paired, n_pairs), rng.randint(n_rows, size=n_pairs))
    own = number[order][first]
    start, count = starts[own], counts[own]
    share = rng.random_sample(n_pairs)
    partner = start + (first - start + 1 + (share * (count - 1)).astype(int)) % count
    stranger = (start + count + (share * (n_rows - count)).astype(int)) % n_rows
    return order[first], order[np.where(same, partner, stranger)], same


def _checked_same(same: Any, n_pairs: int) -> np.ndarray:
    """Which pairs are of one class, as booleans."""
    same = column_or_1d(same)
    if len(same) != n_pairs:
        raise DataError(f"`same` has {len(same)} entries for {n_pairs} pairs. Give one for each.")
    kinds = np.unique(same)
    if not np.isin(kinds, (0, 1)).all():
        raise DataError(f"`same` is True (1) or False (0) for each pair. Received the values {kinds[:5].tolist()}.")
    if len(kinds) < 2:
        raise DataError(
            f"All {n_pairs} pairs have same={bool(kinds[0])}: there is nothing to tell apart. Give pairs of both kinds."
        )
    return same.astype(bool)
