"""Hooks given as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina.callbacks.base import Callback
from lamina.checks import Callable_, Is, check_value
from lamina.errors import UnknownName


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
    **others : callable
        Functions for the other hooks of `Callback`, such as ``on_test_begin``, of what these receive.

    Raises
    ------
    UnknownName
        For a hook that there is not, with the nearest one.

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
        **others: Callable[..., Any] | None,
    ) -> None:
        given = {name: function for name, function in locals().items() if name.startswith("on_")} | others
        hooks = [name for name in dir(Callback) if name.startswith("on_")]
        for name in others.keys() - set(hooks):
            raise UnknownName.among("hook of LambdaCallback", name, hooks)
        for name, function in given.items():
            if check_value("LambdaCallback", name, function, Is(None), Callable_()) is not None:
                setattr(self, name, function)
