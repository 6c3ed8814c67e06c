"""Hooks given as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina.callbacks.base import Callback
from lamina.checks import Callable_, Is, check_value


class LambdaCallback(Callback):
    """A callback made of functions.

    Parameters
    ----------
    on_epoch_begin, on_epoch_end : callable, optional
        Functions of ``(epoch, logs)``.
    on_train_begin, on_train_end : callable, optional
        Functions of ``(logs)``.
    on_train_batch_begin, on_train_batch_end : callable, optional
        Functions of ``(batch, logs)``.

    Examples
    --------
    >>> callback = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    >>> callback.on_epoch_end(0, {"loss": 0.5})
    0 0.5
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
    ) -> None:
        given = {name: function for name, function in locals().items() if name.startswith("on_")}
        for name, function in given.items():
            if check_value("LambdaCallback", name, function, Is(None), Callable_()) is not None:
                setattr(self, name, function)
