"""How a model learns: compile, fit, evaluate."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from lamina import losses, optimizers
from lamina.callbacks import Callback, CallbackList, History, RichProgress
from lamina.checks import Boolean, Name, Number, check_value
from lamina.engine.plan import Plan
from lamina.engine.run import fresh_optimizer_state
from lamina.errors import InvalidParameter
from lamina.layers import Layer
from lamina.metrics import Metric
from lamina.models.arguments import check_others
from lamina.models.arrays import Rows, check_rows, check_validation, split_tail
from lamina.models.assumptions import broken_assumptions
from lamina.models.inference import Inference, as_list, draw_seed
from lamina.models.measures import Measures
from lamina.models.output import without_link
from lamina.models.session import Session


class Training(Inference):
    """A stack of layers with a loss and an optimizer."""

    #: set by callbacks to end training after the present epoch
    stop_training = False

    def __init__(self, layers: Sequence[Layer] | None, name: str, dtype: str) -> None:
        super().__init__(layers, name, dtype)
        self.optimizer: optimizers.Optimizer | None = None
        self.loss: Any = None
        self.measures = Measures()
        #: the loss and the metrics of the last training or evaluation
        self.results: dict[str, float] = {}
        self.history: History | None = None
        self.optimizer_state: Any = None

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        *,
        metrics: Any = None,
        weighted_metrics: Any = None,
        **others: Any,
    ) -> None:
        """Say how to train; a fresh optimizer forgets what an earlier one remembered.

        Parameters
        ----------
        optimizer : str or Optimizer, default="rmsprop"
            A name or an object of `lamina.optimizers`.
        loss : str, Loss or callable, optional
            A name, an object of `lamina.losses`, or a function ``(y_true, y_pred)`` that gives a value per row.
        metrics : list of str, Metric or callable, optional
            Measured on the training batches and on validation rows. Every row counts once, whatever its weight; one of
            weight 0 not at all.
        weighted_metrics : list of str, Metric or callable, optional
            Measured with the rows' weights.
        **others
            ``run_eagerly``, ``jit_compile``, ``steps_per_execution`` and ``auto_scale_loss`` have no effect.
        """
        check_others(self.compile, others)
        chosen, measures = optimizers.get(optimizer), Measures.of(metrics, weighted_metrics)
        chosen_loss = None if loss is None else losses.get(loss)
        measures.named(chosen_loss, 1, 1)  # names that nobody knows are found now
        self.optimizer, self.loss, self.measures = chosen, chosen_loss, measures
        self.optimizer_state, self.optimizer.iterations = None, 0

    @property
    def steps_done(self) -> int:
        """The number of steps since `compile`."""
        return 0 if self.optimizer is None else self.optimizer.iterations

    @property
    def metrics(self) -> list[Metric]:
        """The metrics that are measured, each with its `name` in the history; "accuracy" as it is for one target."""
        return [metric for metric, _ in self.measures.named(self.loss, self.output_shape[-1] or 1, 1)]

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order."""
        return ["loss", *(metric.name for metric in self.metrics)]

    def get_metrics_result(self) -> dict[str, float]:
        """The loss and the metrics of the last epoch, batch or evaluation, whichever was last."""
        return dict(self.results)

    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Sequence[Callback] | Callback | None = None,
        validation_split: float = 0.0,
        validation_data: tuple | None = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        validation_freq: int | Sequence[int] = 1,
        **others: Any,
    ) -> History:
        """Train for a number of epochs.

        Parameters
        ----------
        x : array-like of shape (n_samples, ...)
            The rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets, as the loss wants them.
        batch_size : int, default=32
            Rows per step.
        epochs : int, default=1
            The number of the last epoch; training starts after `initial_epoch`.
        verbose : {0, 1, 2, "auto"}, default="auto"
            0 is silent, 1 (and "auto") shows progress, 2 prints a line per epoch.
        callbacks : sequence of Callback, optional
            Told about every epoch; those with hooks for batches get them, at the price of speed.
        validation_split : float, default=0.0
            Share of the rows, taken from the end, to validate on.
        validation_data : tuple (x, y) or (x, y, sample_weight), optional
            Rows to validate on.
        shuffle : bool, default=True
            Whether each epoch takes the rows in a new order.
        class_weight : dict of int to float, optional
            Weights of the classes by number.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows.
        initial_epoch : int, default=0
            Number of epochs done before, for callbacks and schedules.
        validation_freq : int or list of int, default=1
            Validate after every so many epochs, or after those of these numbers (from 1).
        **others
            ``validation_batch_size``, ``workers`` and the like have no effect.

        Returns
        -------
        history : lamina.callbacks.History
            Its ``history`` is a dictionary of lists, its ``epoch`` the list of epochs.

        Raises
        ------
        DataError
            If the rows cannot be trained on; nothing has been trained then.
        """
        self._check_compiled()
        check_others(self.fit, others)
        check_value("fit", "verbose", verbose, Number(0, 2, whole=True), Boolean, Name(("auto",)))
        check_value("fit", "epochs", epochs, Number(0, whole=True))
        check_value("fit", "initial_epoch", initial_epoch, Number(0, whole=True))
        rows = check_rows(self, x, y, sample_weight, class_weight)
        if validation_data is not None:
            valid: Rows | None = check_validation(self, validation_data)
        else:
            rows, valid = split_tail(rows, validation_split)
        session = Session(self, rows, valid, 32 if batch_size is None else batch_size, shuffle, epochs)
        for sentence in broken_assumptions(self.layers, rows.x, session.batch_size):
            warnings.warn(sentence, UserWarning, stacklevel=2)
        history = History()
        facts = {
            "epochs": epochs,
            "steps": session.steps_per_epoch,
            "batch_size": session.batch_size,
            "verbose": verbose,
        }
        facts |= {"n_samples": len(rows.x), "n_parameters": self.count_params()}
        watchers = [RichProgress(every_epoch=verbose == 2)] if verbose else []
        listeners = CallbackList([*watchers, *as_list(callbacks), history], self, facts)
        listeners.on_train_begin()
        self.stop_training, self.history = False, history
        logs: dict[str, float] = {}
        try:
            for epoch in range(initial_epoch, epochs):
                listeners.on_epoch_begin(epoch)
                logs = session.train_epoch(listeners)
                if valid is not None and _is_due(epoch + 1, validation_freq):
                    logs |= {f"val_{name}": value for name, value in session.validate(listeners).items()}
                listeners.on_epoch_end(epoch, logs | {"learning_rate": session.learning_rate})
                if self.stop_training:
                    break
        except KeyboardInterrupt:
            warnings.warn("Training interrupted by user.", stacklevel=2)
        session.finish()
        listeners.on_train_end(logs)
        return history

    def train_on_batch(self, x: Any, y: Any, sample_weight: Any = None, class_weight=None, return_dict: bool = False):
        """One step on one batch; the loss and the metrics.

        Parameters
        ----------
        x, y, sample_weight, class_weight
            As in `fit`.
        return_dict : bool, default=False
            A dictionary by name instead of a list.

        Returns
        -------
        list of float, or dict; a single number if there are no metrics
        """
        self._check_compiled()
        rows = check_rows(self, x, y, sample_weight, class_weight)
        session = Session(self, rows, None, len(rows.x), shuffle=False)
        self.results = session.train_rows(np.arange(len(rows.x)), draw_seed())
        return _as_asked(self.get_metrics_result(), return_dict)

    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        *,
        callbacks: Sequence[Callback] | Callback | None = None,
        return_dict: bool = False,
        **others: Any,
    ):
        """The loss and the metrics on given rows.

        Parameters
        ----------
        x, y, sample_weight
            As in `fit`.
        batch_size : int, default=32
            For callbacks that hear of batches; otherwise rows are taken in blocks that suit the processor.
        verbose
            Accepted and without effect.
        callbacks : sequence of Callback, optional
            Their hooks ``on_test_...`` are called.
        return_dict : bool, default=False
            A dictionary by name instead of a list, which has the order of `metrics_names`.
        **others
            ``workers`` and the like have no effect.

        Returns
        -------
        list of float, or dict; a single number if there are no metrics
        """
        self._check_compiled()
        check_others(self.evaluate, others)
        rows = check_rows(self, x, y, sample_weight)
        listeners = CallbackList(as_list(callbacks), self, {"verbose": verbose})
        width = batch_size or 32 if listeners.hears_batches("test") else len(rows.x)
        return _as_asked(Session(self, rows, rows, width, shuffle=False).validate(listeners), return_dict)

    def test_on_batch(self, x: Any, y: Any, sample_weight=None, return_dict=False):
        """`evaluate` for one batch."""
        return self.evaluate(x, y, sample_weight=sample_weight, return_dict=return_dict)

    # -- plans ----------------------------------------------------------------------------------------------------

    def training_plan(self, n_targets: int, batch_width: int) -> Plan:
        """The plan of a compiled model."""
        assert self.optimizer is not None
        layers, loss = without_link(self.named_layers, self.loss)
        return Plan(
            layers=layers,
            loss=loss.recipe(),
            metrics=self.measures.in_plan(self.loss, self.output_shape[-1] or 1, n_targets),
            optimizer=self.optimizer.recipe(),
            dtype=self.dtype,
            batch_width=batch_width,
            train_metrics=any(self.measures),
            weighted_mean=False,
            penalties=(),
            frozen=tuple(sorted({name for name, layer in self.named_layers if not layer.trainable})),
        )

    def optimizer_state_for(self, plan: Plan, params: dict) -> Any:
        """What the optimizer remembers of the weights that may change; nothing yet if these are others than before."""
        assert self.optimizer is not None
        fresh = fresh_optimizer_state(plan, params, self.optimizer)
        return self.optimizer_state if _alike(self.optimizer_state, fresh) else fresh

    def resume(self, leaves: list[np.ndarray] | None, steps: int) -> None:
        """Take what a file remembers of the optimizer: the arrays of its state and the number of steps done."""
        assert self.optimizer is not None
        self.optimizer.iterations = steps
        if leaves is not None:
            plan, (params, _) = self.training_plan(1, 1), self.open()
            structure = jax.tree.structure(fresh_optimizer_state(plan, params, self.optimizer))
            self.optimizer_state = jax.tree.unflatten(structure, leaves)

    def traced_values(self) -> dict[str, Any]:
        """Those of the layers and of the loss."""
        of_loss = {} if self.loss is None else self.loss.hyper()
        return super().traced_values() | {f"loss/{key}": value for key, value in of_loss.items()}

    def _check_compiled(self) -> None:
        if self.optimizer is None or self.loss is None:
            raise InvalidParameter(
                'The model must be told how to train: call model.compile(loss="mse", optimizer="adam") first.'
            )


def _alike(state: Any, other: Any) -> bool:
    """Whether two trees have the same structure and shapes."""
    shapes = [[(path, leaf.shape) for path, leaf in jax.tree_util.tree_leaves_with_path(t)] for t in (state, other)]
    return state is not None and shapes[0] == shapes[1]


def _is_due(epoch: int, frequency: int | Sequence[int]) -> bool:
    """Whether an epoch (from 1) is one to validate after."""
    return epoch % frequency == 0 if isinstance(frequency, int) else epoch in frequency


def _as_asked(logs: dict[str, float], return_dict: bool):
    if return_dict:
        return logs
    values = list(logs.values())
    return values if len(values) > 1 else values[0]
