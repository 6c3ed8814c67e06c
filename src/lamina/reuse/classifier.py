"""The fine-tuned classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d

from lamina.callbacks import Callback
from lamina.neural_network import MLPClassifier
from lamina.reuse.fine_tuning import FineTuning
from lamina.reuse.grown import GrownClassifier
from lamina.reuse.head import Head, head_for_classes, head_for_numbers
from lamina.reuse.source import Source


class FineTuneClassifier(ClassifierMixin, FineTuning):
    """A classifier that begins with the layers of a trained network: transfer learning in one call.

    The lowest `n_reused` hidden layers of the source are copied, new hidden layers and an output are put on top, and
    training has two phases: `frozen_epochs` in which the copied layers stay as they are, so that the large gradients
    of the new layers cannot wreck them, and `epochs` in which they learn too. The source is never changed.

    In the second phase the k-th reused layer from the top learns at ``learning_rate · layer_decay^k``.

    Parameters
    ----------
    source : estimator, model or path
        A trained network: a fitted estimator of lamina or of scikit-learn's `neural_network`, a `Pipeline`, a
        `TransformedTargetRegressor` or a search that holds one, a `lamina.Sequential`, a Keras model, a
        ``torch.nn.Sequential``, an `Autoencoder` (its encoder) or another network that learned without labels, or the
        path of a model file of lamina's or Keras' or of a run's folder. Rows go through what they went through there:
        the transformers of a pipeline, the columns by name where it knows names. A search over sources wants them as
        ``sklearn.frozen.FrozenEstimator``, because scikit-learn makes unfitted copies of what it tries.
    n_reused : int, "all" or "auto", default="auto"
        Number of hidden layers to reuse, from the bottom. "auto" tries all numbers, with and without freezing, on `cv`
        folds, all as one population, and takes the one with the least loss on held-out rows, unless to reuse all is as
        good within a standard error; ``choice_`` has the losses.
    new_hidden : int or sequence of int, default=()
        Widths of new hidden layers between the reused ones and the output.
    frozen_epochs : int, default=4
        Epochs in which only the new layers learn.
    epochs : int, default=16
        Epochs after that, in which all layers learn, except `n_frozen`.
    learning_rate : float, default=0.002
        The learning rate of the new layers.
    layer_decay : float, default=0.5
        Factor on it for the top reused layer, twice for the next one below, and so on: lower layers are more general,
        and need less change (Howard & Ruder, 2018). 1 lets all learn alike.
    n_frozen : int or None, default=None
        Number of hidden layers, from the bottom, that stay frozen to the end; None is 0, unless ``n_reused="auto"``
        finds that freezing them does better.
    frozen_learning_rate : float or None, default=None
        The learning rate of the frozen phase; None is ten times `learning_rate`, which the new layers by themselves
        can take.
    head : {"auto", "keep", "new"}, default="auto"
        "keep" begins with the source's output: classes that the source knew keep their columns, and new ones are added
        to them. That needs all its hidden layers and no new ones. "new" begins with a drawn output for the classes of
        `y` alone. "auto" keeps where that is possible and `y` has a label that the source knows; of a source that only
        counts its outputs, as a `Sequential` does, all of the numbers 0, 1, ... A label is the same class if it is
        equal: give "new" where numbers mean something else than in the source, as inside scikit-learn's bagging and
        voting, which number the classes themselves. With several labels per row, as many of the source's are kept.
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
    class_weight : dict, "balanced" or None, default=None
        Weight of each class in the loss; "balanced" weighs by the inverse of its share of the rows.
    label_smoothing : float, default=0.0
        Share of the target that is spread evenly over all classes.
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
    network_ : MLPClassifier
        The trained network; it takes what the source's preprocessing gives.
    history_ : dict of ndarray
        As in :class:`lamina.MLPClassifier`; the column "phase" is "frozen", "fine-tuning", or "training" where nothing
        is reused.
    n_iter_, loss_curve_, stop_reason_, model_
        Epochs in all phases, their losses, why the last one ended, and the network as a `lamina.Sequential`.
    classes_ : ndarray
        The class labels, in the order of the columns of `predict_proba`.
    n_features_in_, feature_names_in_ : int, ndarray of str
        Number and names of the columns seen in `fit`.

    References
    ----------
    Yosinski et al. (2014), How transferable are features in deep neural networks?
    Howard & Ruder (2018), Universal language model fine-tuning for text classification.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from lamina import MLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> old, new = y < 8, y >= 8
    >>> source = MLPClassifier((32, 16), max_iter=40, tol=0.01, random_state=0).fit(X[old] / 16, y[old])
    >>> tuned = FineTuneClassifier(source, n_reused=1, random_state=0).fit(X[new][:40] / 16, y[new][:40])
    >>> tuned.classes_, set(tuned.history_["phase"].tolist()) == {"frozen", "fine-tuning"}
    (array([8, 9]), True)
    """

    _constraints: ClassVar = {
        **FineTuning._constraints,
        **{name: MLPClassifier._constraints[name] for name in ("class_weight", "label_smoothing")},
    }
    _network: ClassVar = GrownClassifier

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
        activation="relu",
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        momentum=0.9,
        nesterovs_momentum=True,
        dropout=0.0,
        weight_decay=None,
        clipnorm=None,
        class_weight=None,
        label_smoothing=0.0,
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
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.cv = cv
        self.random_state = random_state
        self.verbose = verbose

    def fit(
        self, X, y, sample_weight=None, *, validation_data: tuple | None = None, callbacks: Sequence[Callback] = ()
    ) -> FineTuneClassifier:
        """Train on top of the source.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or (n_samples, height, width)
            Rows such as the source was trained on.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels, or a multilabel indicator of zeros and ones.
        sample_weight : array-like of shape (n_samples,), optional
            Weight of each row in the loss.
        validation_data : tuple (X_val, y_val) or (X_val, y_val, sample_weight_val), optional
            Rows that the history is measured on after each epoch, and that early stopping watches.
        callbacks : sequence of lamina.callbacks.Callback, default=()
            Told about each phase's start, each epoch, and the phase's end.

        Returns
        -------
        self : FineTuneClassifier

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

    @property
    def classes_(self) -> np.ndarray:
        """The class labels."""
        return self.network_.classes_

    def predict(self, X) -> np.ndarray:
        """The most probable class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or (n_samples, height, width)
            Rows such as `fit` was given; columns of a DataFrame in any order.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
        """
        rows = self._rows(X)
        return self.network_.predict(rows)

    def predict_proba(self, X) -> np.ndarray:
        """The probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or (n_samples, height, width)
            Rows such as `fit` was given; columns of a DataFrame in any order.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        rows = self._rows(X)
        return self.network_.predict_proba(rows)

    def predict_log_proba(self, X) -> np.ndarray:
        """The logarithm of `predict_proba`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or (n_samples, height, width)
            Rows such as `fit` was given; columns of a DataFrame in any order.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        rows = self._rows(X)
        return self.network_.predict_log_proba(rows)

    def _head(self, source: Source, fits: bool, y: Any) -> Head:
        if np.ndim(y) == 2 and np.shape(y)[1] > 1:  # labels: an output each
            return head_for_numbers(self.head, source, fits, np.shape(y)[1], "logistic")
        return head_for_classes(self.head, source, fits, column_or_1d(y))

    def _own_parameters(self, head: Head) -> dict[str, Any]:
        return {"classes": head.classes, "class_weight": self.class_weight, "label_smoothing": self.label_smoothing}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
