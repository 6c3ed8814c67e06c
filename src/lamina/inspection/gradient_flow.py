"""Gradient flow: what reaches each layer, before and during a training."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.callbacks import Callback
from lamina.callbacks.base import Logs
from lamina.checks import Number, check_value
from lamina.engine.probe import QUANTITIES, Probe
from lamina.inspection.rehearsal import rehearse
from lamina.inspection.subject import as_trained_on, check_subject, checked_rows, class_weights, subject_of
from lamina.models import Sequential


class GradientFlow(Callback):
    """Measure every layer on a few rows before training and after every epoch.

    A callback for ``fit`` of estimators and models. Per layer it keeps: the norm of the loss' gradient by the weights,
    the norm of the weights, the norm of the change that the optimizer would make for these rows; mean and deviation of
    the outputs, the deviation of the loss' gradient by them; the share of units whose output is the same for all rows
    (dead units of the ReLU family), and of outputs at the flat ends of tanh and the sigmoids (saturated ones). Rows are
    taken as in training: with dropout on, with the statistics of the batch, with an estimator's `class_weight`. Before
    training the learning rate is that of the first step; after an epoch, that of the epoch's last step.

    Parameters
    ----------
    X, y : array-like
        Rows to measure on, such as the training rows; as ``fit`` gets them.
    n_rows : int, default=64
        How many of them, from all over, are measured on; the time of an epoch grows by that of a step for as many. With
        64, another choice of rows changes gradient norms by about a quarter and update norms by a tenth, where sick
        networks are off by factors of ten; 128 rows cost twice the time for hardly less.

    Attributes
    ----------
    layers : list of str
        Names of the layers.
    epoch : ndarray of shape (n_epochs + 1,)
        0 is before training.
    gradient_norm, weight_norm, update_norm, update_ratio : ndarray of shape (n_epochs + 1, n_layers)
        Of the weights; `update_ratio` is ``update_norm / weight_norm``, about 0.001 in a healthy training. NaN for
        layers without weights that training moves.
    activation_mean, activation_std, signal_gradient_std : ndarray of shape (n_epochs + 1, n_layers)
        Of the outputs, and of the loss' gradient by them.
    dead, saturated : ndarray of shape (n_epochs + 1, n_layers)
        Shares from 0 to 1; `dead` is NaN where there is one row, `saturated` for activations that have no flat ends.

    Raises
    ------
    InvalidParameter
        With the estimators' solver "lbfgs", which makes no steps.
    DataError
        If the rows do not suit what is trained; nothing has been trained then.

    References
    ----------
    Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks (2010).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> flow = GradientFlow(X, y)
    >>> model = MLPClassifier((8, 8), tol=10, n_iter_no_change=2).fit(X, y, callbacks=[flow])  # stops soon
    >>> flow.layers, flow.gradient_norm.shape
    (['dense', 'dense_1', 'dense_2'], (5, 3))
    """

    only_watches = True

    def __init__(self, X: Any, y: Any, n_rows: int = 64) -> None:
        self.X, self.y = X, y
        self.n_rows = check_value("GradientFlow", "n_rows", n_rows, Number(1, whole=True))
        self.layers: list[str] = []
        self._samples: list[Any] = []

    @property
    def epoch(self) -> np.ndarray:
        """The epochs measured after; 0 is before training."""
        return np.arange(len(self._samples))

    def __getattr__(self, name: str) -> np.ndarray:
        if name in QUANTITIES:
            shape = (len(self._samples), len(self.layers), len(QUANTITIES))
            return np.array(self._samples, float).reshape(shape)[:, :, QUANTITIES.index(name)]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    @property
    def update_ratio(self) -> np.ndarray:
        """The optimizer's change of a layer's weights over their size."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.update_norm / self.weight_norm

    def to_dict(self) -> dict[str, list]:
        """Columns of a table with a row for each epoch and layer; ``pandas.DataFrame(flow.to_dict())`` makes it one."""
        columns = {name: getattr(self, name) for name in (*QUANTITIES, "update_ratio")}
        n_epochs, n_layers = len(self.epoch), len(self.layers)
        table = {"epoch": np.repeat(self.epoch, n_layers).tolist(), "layer": self.layers * n_epochs}
        return table | {name: column.ravel().tolist() for name, column in columns.items()}

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Measure the initial weights; forget an earlier training, unless this is its next phase."""
        check_subject(self.model)
        rows = checked_rows(self.model, self.X, self.y, class_weights(self.model, self.y))
        chosen = np.linspace(0, len(rows[0]) - 1, min(self.n_rows, len(rows[0]))).astype(int)
        first_step = getattr(self.model, "steps_done", 0)
        total_steps = max(first_step + self.params["steps"] * self.params["epochs"], 1)
        goes_on = 0 < len(self._epochs_before()) == len(self._samples) - 1
        self._subject = subject_of(self.model, self.params["n_samples"], total_steps, beginning=True)
        batch = self._subject.batch(tuple(part if part is None else part[chosen] for part in rows))
        self._probe = Probe(batch, np.random.RandomState(0).randint(2**32, size=2, dtype=np.uint32))
        values = self._subject.values(0, first_step)
        if not goes_on:
            self.layers, self._samples = self._subject.layers, [self._subject.measure(self._probe, values)]

    def _epochs_before(self) -> Any:
        """The epochs that an estimator's earlier phases have trained."""
        return getattr(self.model, "history_", {}).get("epoch", ())

    def _take_sample(self, sample: Any) -> None:
        """Keep what the loop of the estimators has measured in its compiled epochs."""
        self._samples.append(sample)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Measure the weights that a model has after the epoch, with the values of its last step."""
        if isinstance(self.model, Sequential):
            self._subject.follow(self.model)
            known = {} if logs is None else {"learning_rate": logs["learning_rate"]}
            values = self._subject.values(0, self.model.steps_done - 1, **known)
            self._take_sample(self._subject.measure(self._probe, values))

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Keep the numbers and let go of the rest."""
        self._samples = [np.asarray(sample) for sample in self._samples]
        self._probe = None
        del self._subject


def gradient_flow(model: Any, X: Any, y: Any, epochs: int | None = None) -> GradientFlow:
    """Gradient flow of a training: before it and after every epoch.

    A copy of the model is trained, with the same settings; the model itself stays as it is.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor, FineTuneClassifier, FineTuneRegressor or compiled Sequential
        Fitted or not.
    X, y : array-like
        The training rows.
    epochs : int, optional
        How long to train: by default an estimator's `max_iter`, and for a model as long as it was trained, or 10
        epochs.

    Returns
    -------
    GradientFlow

    Examples
    --------
    Sigmoid units in a deep net: the gradient of the first layer is a small part of the last one's.

    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> flow = gradient_flow(MLPClassifier((8,) * 6, activation="logistic", random_state=0), X, y, epochs=2)
    >>> bool(flow.gradient_norm[0, 0] < 0.01 * flow.gradient_norm[0, -1])
    True
    """
    check_subject(model)
    flow = GradientFlow(*as_trained_on(model, X, y))
    rehearse(model, X, y, epochs=epochs, callbacks=[flow])
    return flow
