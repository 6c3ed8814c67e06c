"""What every callback is."""

from __future__ import annotations

from typing import Any

Logs = dict[str, Any]


class Callback:
    """Hooks around training, evaluation and prediction; override those that are needed.

    `self.model` is the model or estimator that is trained, and `self.params` says how: ``epochs``, ``n_samples``,
    ``n_parameters``. Logs are dictionaries of numbers: ``loss``, the metrics, the same with ``val_`` before them, and
    ``learning_rate``; after a batch, the means or scores over the epoch's batches so far; after a batch of `predict`,
    its ``outputs``. What a callback adds to an epoch's the later callbacks and the history have too. The model has the
    weights of the epoch. Whoever sets ``self.model.stop_training = True`` ends the training after the present epoch.

    The hooks of batches cost speed: where a callback overrides one, an epoch is no longer one piece for the device.

    Examples
    --------
    >>> from lamina import MLPClassifier
    >>> class StopAtThree(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.model.stop_training = epoch == 2
    >>> model = MLPClassifier((4,), random_state=0).fit([[0.0], [1.0]] * 8, [0, 1] * 8, callbacks=[StopAtThree()])
    >>> model.n_iter_, model.stop_reason_
    (3, 'A callback stopped the training.')
    """

    #: whether it only looks on; else each epoch is awaited, so that the callback can act before the next one
    only_watches: bool = False
    #: why it has asked for the end of the training, in a sentence, if it says so
    stop_reason: str | None = None
    #: what the loop of the estimators measures every layer on after each epoch, a `lamina.engine.probe.Probe`
    _probe: Any = None
    params: Logs
    model: Any = None

    @property
    def needs(self) -> tuple[str, ...]:
        """Attributes of the model that it cannot do without."""
        return ()

    def set_params(self, params: Logs) -> None:
        """Take the facts about the coming training."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Take the model."""
        self.model = model

    def hears_batches(self, of: str = "train") -> bool:
        """Whether it overrides a hook of batches of a kind: "train", "test" or "predict"."""
        hooks = [f"on_{of}_batch_begin", f"on_{of}_batch_end"]
        hooks += ["on_batch_begin", "on_batch_end"] if of == "train" else []
        return any(getattr(getattr(self, hook), "__func__", None) is not getattr(Callback, hook) for hook in hooks)

    def _take_sample(self, sample: Any) -> None:
        """What was measured on `_probe` after the epoch that ends next."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Training starts."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Training has ended."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Epoch number `epoch` (from 0) starts."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Epoch number `epoch` (from 0) is done."""

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Another name for `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Another name for `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Batch number `batch` (from 0) of the epoch starts."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Batch number `batch` (from 0) of the epoch is done."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """An evaluation starts."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """An evaluation has ended."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """A batch of an evaluation starts."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """A batch of an evaluation is done."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """A prediction starts."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """A prediction has ended."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """A batch of a prediction starts."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """A batch of a prediction is done."""
