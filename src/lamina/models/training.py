"""What a model does with data: compile, fit, evaluate, predict."""

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
from lamina.engine.precision import precision
from lamina.engine.predict import predict
from lamina.engine.program import Program, program_for
from lamina.engine.run import Variables, fresh_optimizer_state
from lamina.engine.uncertainty import Uncertainty, draw, summarise
from lamina.errors import InvalidParameter
from lamina.layers import Layer
from lamina.metrics import Metric
from lamina.models.arguments import check_others
from lamina.models.arrays import Rows, check_classes, check_inputs, check_rows, split_tail
from lamina.models.assumptions import broken_assumptions
from lamina.models.measures import Measures
from lamina.models.output import without_link
from lamina.models.session import Session, draw_seed
from lamina.models.stack import Stack
from lamina.optimizers.schedules import as_schedule

#: stands in the plan of a prediction, which computes no loss
_NO_LOSS = losses.MeanSquaredError()


class Training(Stack):
    """A stack of layers that meets data."""

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

    # -- training -------------------------------------------------------------------------------------------------

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
        rows = check_rows(self, x, y, sample_weight, class_weight)
        check_classes(self.loss, rows.y, self.output_shape)
        if validation_data is not None:
            valid: Rows | None = check_rows(self, *validation_data)
        else:
            rows, valid = split_tail(rows, validation_split)
        session = Session(self, rows, valid, 32 if batch_size is None else batch_size, shuffle, epochs)
        for sentence in broken_assumptions(self.layers, rows.x, session.batch_size):
            warnings.warn(sentence, UserWarning, stacklevel=2)
        history = History()
        facts = {"epochs": epochs, "steps": session.steps_per_epoch, "verbose": verbose}
        facts |= {"n_samples": len(rows.x), "n_parameters": self.count_params()}
        watchers = [RichProgress(every_epoch=verbose == 2)] if verbose else []
        listeners = CallbackList([*watchers, *_as_list(callbacks), history], self, facts)
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

    # -- using ----------------------------------------------------------------------------------------------------

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
        listeners = CallbackList(_as_list(callbacks), self, {"verbose": verbose})
        width = batch_size or 32 if listeners.hears_batches("test") else len(rows.x)
        return _as_asked(Session(self, rows, rows, width, shuffle=False).validate(listeners), return_dict)

    def test_on_batch(self, x: Any, y: Any, sample_weight=None, return_dict=False):
        """`evaluate` for one batch."""
        return self.evaluate(x, y, sample_weight=sample_weight, return_dict=return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        *,
        callbacks: Sequence[Callback] | Callback | None = None,
        **others: Any,
    ) -> np.ndarray:
        """The outputs for any number of rows.

        Parameters
        ----------
        x : array-like of shape (n_samples, ...)
            The rows.
        batch_size : int, default=32
            For callbacks that hear of batches; otherwise rows are taken in blocks that suit the processor.
        verbose
            Accepted and without effect.
        callbacks : sequence of Callback, optional
            Their hooks ``on_predict_...`` are called; at the end of a batch, the logs hold its ``outputs``.
        **others
            ``workers`` and the like have no effect.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs)
        """
        check_others(self.predict, others)
        x = check_inputs(self, x)
        listeners = CallbackList(_as_list(callbacks), self, {"verbose": verbose})
        listeners.on_predict_begin()
        width = batch_size or 32 if listeners.hears_batches("predict") else max(len(x), 1)
        pieces = []
        for number, start in enumerate(range(0, max(len(x), 1), width)):
            listeners.on_predict_batch_begin(number)
            pieces.append(self._outputs(x[start : start + width]))
            listeners.on_predict_batch_end(number, {"outputs": pieces[-1]})
        listeners.on_predict_end()
        return np.concatenate(pieces) if len(pieces) > 1 else pieces[0]

    def _outputs(self, x: np.ndarray) -> np.ndarray:
        """The outputs for rows that are checked."""
        program, (params, state) = self._program(), self.open()
        noise = self.noise()
        return predict(lambda p, s, rows: program.predict(p, s, rows, noise), program, params, state, x)

    def predict_on_batch(self, x: Any) -> np.ndarray:
        """`predict` for one batch."""
        return self.predict(x)

    def __call__(self, inputs: Any, training: bool = False) -> jax.Array:
        """The outputs as a JAX array; with ``training=True`` noise and batch statistics are on."""
        x = check_inputs(self, inputs)
        program, (params, state) = self._program(), self.open()
        with precision(self.dtype):
            outputs, new_state = program.outputs(params, state, x, self.noise(), bool(training))
        if training:
            self.close(Variables(params, new_state))
        return outputs

    def predict_uncertainty(self, x: Any, n_samples: int = 100, shared_mask: bool = False) -> Uncertainty:
        """Predictions with dropout left on, many times over: their mean and what their spread says.

        Only layers of noise are random; batch normalisation stays as in prediction. All draws are one compiled call.

        Parameters
        ----------
        x : array-like of shape (n_samples, ...)
            The rows.
        n_samples : int, default=100
            Number of draws.
        shared_mask : bool, default=False
            Whether all rows of a draw lose the same units, so that a draw is one function of the inputs.

        Returns
        -------
        Uncertainty
            With entropies if the outputs are probabilities that sum to 1.

        Raises
        ------
        InvalidParameter
            If the model has no layer of noise.
        """
        check_value("predict_uncertainty", "n_samples", n_samples, Number(1, whole=True))
        x, noise = check_inputs(self, x), self.noise()
        if noise is None:
            raise InvalidParameter(
                "The model has no layer of noise, so all draws would be alike. Add lamina.layers.Dropout(0.1) after "
                "some hidden layers and train it."
            )
        seeds = np.random.randint(2**32, size=(n_samples, 2), dtype=np.uint32)
        samples = draw(self._program(), *self.open(), x, seeds, noise[1], shared_mask)
        sums_to_one = samples.shape[-1] > 1 and np.allclose(samples.sum(axis=-1), 1, atol=1e-3)
        return summarise(samples, probabilities=bool(sums_to_one))

    # -- plans ----------------------------------------------------------------------------------------------------

    def _program(self) -> Program:
        """The program of the whole stack, for predictions."""
        layers = tuple((name, layer.recipe()) for name, layer in self.named_layers)
        return program_for(Plan(layers, _NO_LOSS, (), optimizers.SGD().recipe(), self.dtype, penalties=()))

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
        """The traced values of the layers and of the loss by their names in a plan."""
        named = [*self.named_layers, *([("loss", self.loss)] if self.loss is not None else [])]
        return {f"{name}/{key}": value for name, part in named for key, value in part.hyper().items()}

    def noise(self, always: bool = False):
        """A fresh seed and the layers' traced values; None for a model without noise, unless `always`."""
        if not always and not any(layer.noisy for layer in self.layers):
            return None
        dtype, steps = np.dtype(self.weight_dtype), np.full((1, 1), self.steps_done)
        values = {name: as_schedule(value)(steps, steps) for name, value in self.traced_values().items()}
        return draw_seed(), {k: dtype.type(v[0, 0]) for k, v in values.items()}

    def _check_compiled(self) -> None:
        if self.optimizer is None or self.loss is None:
            raise InvalidParameter(
                'The model must be told how to train: call model.compile(loss="mse", optimizer="adam") first.'
            )


def _alike(state: Any, other: Any) -> bool:
    """Whether two trees have the same structure and shapes."""
    shapes = [[(path, leaf.shape) for path, leaf in jax.tree_util.tree_leaves_with_path(t)] for t in (state, other)]
    return state is not None and shapes[0] == shapes[1]


def _as_list(callbacks: Sequence[Callback] | Callback | None) -> Sequence[Callback]:
    """One callback, several or none, as a sequence."""
    return [callbacks] if isinstance(callbacks, Callback) else callbacks or ()


def _is_due(epoch: int, frequency: int | Sequence[int]) -> bool:
    """Whether an epoch (from 1) is one to validate after."""
    return epoch % frequency == 0 if isinstance(frequency, int) else epoch in frequency


def _as_asked(logs: dict[str, float], return_dict: bool):
    if return_dict:
        return logs
    values = list(logs.values())
    return values if len(values) > 1 else values[0]
