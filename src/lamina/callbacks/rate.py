"""What the callbacks that set the learning rate share."""

from __future__ import annotations

from typing import Any

from lamina.callbacks.base import Callback
from lamina.errors import InvalidParameter


def check_settable(callback: Callback, optimizer: Any) -> None:
    """Raise if the optimizer's learning rate is a schedule, which a callback would silently replace."""
    if callable(optimizer.learning_rate):
        raise InvalidParameter(
            f"{type(callback).__name__} sets a learning rate that is a number, but the optimizer follows "
            f"{optimizer.learning_rate!r}. Use one of the two."
        )
