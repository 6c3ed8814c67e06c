"""Several callbacks as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lamina.callbacks.base import Callback, Logs
from lamina.errors import InvalidParameter


def _to_all(hook: str) -> Callable[..., None]:
    """A method that tells every callback of a beginning or an end."""

    def tell(self: CallbackList, logs: Logs | None = None) -> None:
        shared: Logs = {} if logs is None else logs
        for callback in self.callbacks:
            getattr(callback, hook)(shared)

    return tell


def _numbered_to_all(hook: str) -> Callable[..., None]:
    """A method that tells every callback of an epoch or a batch by its number."""

    def tell(self: CallbackList, number: int, logs: Logs | None = None) -> None:
        shared: Logs = {} if logs is None else logs
        for callback in self.callbacks:
            getattr(callback, hook)(number, shared)

    return tell


class CallbackList:
    """All callbacks of a training; every hook tells each of them in turn.

    Parameters
    ----------
    callbacks : iterable of Callback, default=()
        The callbacks. Functions and other objects are refused.
    model : object, optional
        What is trained.
    params : dict, optional
        Facts about the training.

    Examples
    --------
    >>> callbacks = CallbackList([Callback()])
    >>> callbacks.on_epoch_end(0, {"loss": 0.5})
    >>> callbacks.hears_batches()
    False
    """

    def __init__(self, callbacks: Iterable[Callback] = (), model: Any = None, params: Logs | None = None) -> None:
        self.callbacks = list(callbacks)
        self.model = model
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                raise InvalidParameter(
                    f"A callback is {callback!r}. Expected an object of a class derived from lamina.callbacks.Callback."
                )
            missing = [name for name in callback.needs if not hasattr(model, name)]
            if missing:
                raise InvalidParameter(
                    f"{type(callback).__name__} needs a model with {' and '.join(missing)}, which "
                    f"{type(model).__name__} has not. Leave the callback out, or use it with a Sequential model."
                )
            callback.set_params(params or {})
            callback.set_model(model)

    @property
    def only_watches(self) -> bool:
        """Whether no callback may act between two epochs."""
        return all(callback.only_watches for callback in self.callbacks)

    @property
    def probes(self) -> tuple[Any, ...]:
        """What callbacks want every layer measured on after each epoch."""
        return tuple(callback._probe for callback in self._probing)

    def take_samples(self, samples: Iterable[Any]) -> None:
        """Hand out what was measured on the `probes`."""
        for callback, sample in zip(self._probing, samples, strict=True):
            callback._take_sample(sample)

    @property
    def _probing(self) -> list[Callback]:
        return [callback for callback in self.callbacks if callback._probe is not None]

    def hears_batches(self, of: str = "train") -> bool:
        """Whether some callback overrides a hook of batches of a kind: "train", "test" or "predict"."""
        return any(callback.hears_batches(of) for callback in self.callbacks)

    @property
    def stop_training(self) -> bool:
        """Whether a callback has asked for the end of the training."""
        return bool(getattr(self.model, "stop_training", False))

    @property
    def stop_reason(self) -> str | None:
        """Why a callback has asked for the end of the training, or None if none has."""
        if not self.stop_training:
            return None
        reasons = (callback.stop_reason for callback in self.callbacks)
        return next(filter(None, reasons), "A callback stopped the training.")

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forget an older wish to stop, and tell all."""
        if self.stop_training:
            self.model.stop_training = False
        for callback in self.callbacks:
            callback.on_train_begin({} if logs is None else logs)

    on_train_end = _to_all("on_train_end")
    on_test_begin, on_test_end = _to_all("on_test_begin"), _to_all("on_test_end")
    on_predict_begin, on_predict_end = _to_all("on_predict_begin"), _to_all("on_predict_end")
    on_epoch_begin, on_epoch_end = _numbered_to_all("on_epoch_begin"), _numbered_to_all("on_epoch_end")
    on_train_batch_begin = _numbered_to_all("on_train_batch_begin")
    on_train_batch_end = _numbered_to_all("on_train_batch_end")
    on_test_batch_begin = _numbered_to_all("on_test_batch_begin")
    on_test_batch_end = _numbered_to_all("on_test_batch_end")
    on_predict_batch_begin = _numbered_to_all("on_predict_batch_begin")
    on_predict_batch_end = _numbered_to_all("on_predict_batch_end")
