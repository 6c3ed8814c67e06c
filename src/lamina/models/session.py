"""One training of a model: rows on the device, epochs or single batches dispatched to the engine."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.checks import Number, check_value
from lamina.engine.buckets import bucket
from lamina.engine.loop import to_device
from lamina.engine.precision import precision
from lamina.engine.program import program_for
from lamina.engine.run import DIVERGED, Control, Data, Variables, plan_dtype, split_frozen, start_run
from lamina.models.arrays import Rows
from lamina.models.inference import draw_seed
from lamina.optimizers.schedules import as_schedule

if TYPE_CHECKING:
    from lamina.callbacks import CallbackList
    from lamina.models.training import Training


class Session:
    """The rows of one `fit`, and how they go through the engine. Weights are the model's, before and after."""

    def __init__(
        self, model: Training, rows: Rows, valid: Rows | None, batch_size: int, shuffle: bool, epochs: int = 1
    ) -> None:
        check_value("fit", "batch_size", batch_size, Number(1, whole=True))
        assert model.optimizer is not None
        self.model, self.optimizer, self.shuffle = model, model.optimizer, shuffle
        self.n_rows, self.batch_size = len(rows.x), min(batch_size, len(rows.x))
        self.plan = model.training_plan(
            rows.y.shape[1], batch_size if batch_size <= self.n_rows else bucket(self.n_rows)
        )
        self.program = program_for(self.plan)
        model.optimizer_state = model.optimizer_state_for(self.plan, model.open().params)
        self.data = to_device(self.plan, *rows)
        self.n_valid = plan_dtype(self.plan).type(0 if valid is None else len(valid.x))
        self.valid = self.data if valid is rows else valid and to_device(self.plan, *valid)
        self.steps_per_epoch = -(-self.n_rows // self.batch_size)
        self.total_steps = model.steps_done + epochs * self.steps_per_epoch
        self._sums: Any = ()

    def train_epoch(self, listeners: CallbackList) -> dict[str, float]:
        """All rows once; in one dispatch, unless a callback wants to hear of batches."""
        order = np.random.permutation(self.n_rows) if self.shuffle else np.arange(self.n_rows)
        seed = draw_seed()
        if not listeners.hears_batches():
            self.model.results = self.train_rows(order, seed)
            return dict(self.model.results)
        total, seen, logs = 0.0, 0, {}
        self._sums = self._no_sums(self.data) if self.plan.train_metrics else []
        for number in range(self.steps_per_epoch):
            rows = order[number * self.batch_size : (number + 1) * self.batch_size]
            listeners.on_train_batch_begin(number)
            logs = self.train_rows(rows, seed, number)  # the metrics go on from their sums
            total, seen = total + logs["loss"] * len(rows), seen + len(rows)
            logs["loss"] = total / seen
            self.model.results = logs
            listeners.on_train_batch_end(number, dict(logs))
            if self.model.stop_training:
                break
        return dict(logs)

    def _no_sums(self, data: Data) -> list[np.ndarray]:
        """What the metrics have added up before the first batch."""
        return [np.zeros(metric.size(data.y), plan_dtype(self.plan)) for _, metric in self.plan.metrics]

    def train_rows(self, rows: np.ndarray, seed: np.ndarray, first_step: int = 0) -> dict[str, float]:
        """Steps through the given rows, in their order; `seed` is of the epoch's noise."""
        model, plan = self.model, self.plan
        steps = -(-len(rows) // self.batch_size)
        room = steps if len(rows) <= self.batch_size else -(-bucket(self.n_rows) // plan.batch_width)
        order = np.zeros((1, room * plan.batch_width), np.int32)
        order[0, : len(rows)] = rows
        dtype = plan_dtype(plan)
        control = Control(
            np.int32(len(rows)), np.int32(self.batch_size), np.int32(1), dtype.type(0), dtype.type(np.inf),
            np.bool_(False), np.bool_(False), seed, first_step=np.int32(first_step),
        )  # fmt: skip
        params, state = model.open()
        run = start_run(plan, params, state, model.optimizer_state)._replace(sums=self._sums)
        with precision(plan.dtype):
            run, log = self.program.train(run, self.data, None, order, self._hyper(room, dtype), control)
            numbers = dict(zip(plan.log_columns, np.asarray(log)[0].tolist()))
        model.close(Variables(run.params, run.state))
        model.optimizer_state, self._sums = run.optimizer, run.sums
        self.optimizer.iterations += steps
        if numbers["reason"] == DIVERGED:
            self._stop_diverged()
        measured = {name: numbers[name] for name, _ in plan.metrics if plan.train_metrics}
        return {"loss": numbers["loss"]} | measured

    def _hyper(self, room: int, dtype: np.dtype) -> np.ndarray:
        """The per-step values of the next steps, of shape (1, room, values)."""
        steps, epochs = self.model.steps_done + np.arange(room)[None], np.zeros((1, 1), int)
        schedules = self.optimizer.schedules(self.total_steps)
        schedules |= {name: as_schedule(value, self.total_steps) for name, value in self.model.traced_values().items()}
        values = [schedules[name](epochs, steps) for name in self.plan.hyper_names]
        return np.stack(values, axis=-1).astype(dtype) if values else np.zeros((1, room, 0), dtype)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the last step."""
        last = np.full((1, 1), max(self.model.steps_done - 1, 0))
        return float(self.optimizer.schedules(self.total_steps)["learning_rate"](last, last)[0, 0])

    def finish(self) -> None:
        """Give the model the weights to finish with: their running average, where the optimizer keeps one."""
        params, state = self.model.open()
        frozen, free = split_frozen(self.plan, params)
        if self.model.optimizer_state is not None:
            free = self.optimizer.averaged(free, self.model.optimizer_state)
        self.model.close(Variables({**frozen, **free}, state))

    def _stop_diverged(self) -> None:
        self.model.stop_training = True
        warnings.warn(
            "The loss is no longer finite, or has exploded; training stops and the last finite weights are kept. "
            "Try a smaller learning rate, clipnorm=1.0 in the optimizer, or standardised inputs.",
            RuntimeWarning,
            stacklevel=5,
        )

    def validate(self, listeners: CallbackList) -> dict[str, float]:
        """Loss and metrics on the validation rows; in one dispatch, unless a callback wants to hear of batches."""
        listeners.on_test_begin()
        if listeners.hears_batches("test"):
            logs = self._validate_batches(listeners)
        else:
            params, state = self.model.open()
            with precision(self.plan.dtype):
                noise = self.model.noise(always=True)
                loss, *values = np.asarray(self.program.evaluate(params, state, self.valid, noise, self.n_valid))
            logs = self._logs(loss, values)
        self.model.results = logs
        listeners.on_test_end(dict(logs))
        return dict(logs)

    def _validate_batches(self, listeners: CallbackList) -> dict[str, float]:
        assert self.valid is not None
        total, logs, sums, n_valid = 0.0, {}, self._no_sums(self.valid), int(self.n_valid)
        params, state = self.model.open()
        for number, start in enumerate(range(0, n_valid, self.batch_size)):
            listeners.on_test_batch_begin(number)
            rows = min(self.batch_size, n_valid - start)
            index = np.minimum(start + np.arange(self.plan.batch_width, dtype=np.int32), n_valid - 1)
            with precision(self.plan.dtype):
                batch = (self.valid, index, np.int32(rows), sums, self.model.noise(always=True))
                loss, values, sums = self.program.evaluate_batch(params, state, *batch)
            total += float(loss) * rows
            logs = self._logs(total / (start + rows), values)
            listeners.on_test_batch_end(number, dict(logs))
        return logs

    def _logs(self, loss: Any, values: list) -> dict[str, float]:
        """The loss and the metrics by their names."""
        names = (name for name, _ in self.plan.metrics)
        return {"loss": float(loss)} | {name: float(value) for name, value in zip(names, values)}
