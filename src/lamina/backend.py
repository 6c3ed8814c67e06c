"""What older Keras programs use of ``keras.backend``: values of variables, and a few settings.

Functions of arrays, for losses and layers of one's own, are those of `jax.numpy`.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def get_value(x: Any) -> Any:
    """The value of a learning rate or a weight as NumPy has it; anything else as it is.

    Parameters
    ----------
    x : object
        Such as ``model.optimizer.learning_rate`` or ``model.weights[0]``.

    Examples
    --------
    >>> from lamina.optimizers import SGD
    >>> get_value(SGD(0.5).learning_rate)
    np.float32(0.5)
    """
    return x.numpy() if hasattr(x, "numpy") else x


def set_value(x: Any, value: Any) -> None:
    """Set a learning rate.

    Parameters
    ----------
    x : LearningRate
        ``model.optimizer.learning_rate``, also as ``model.optimizer.lr``.
    value : float
        The new one.

    Raises
    ------
    TypeError
        If `x` is no variable, such as a schedule or a plain number.

    Examples
    --------
    >>> from lamina.optimizers import SGD
    >>> optimizer = SGD(0.5)
    >>> set_value(optimizer.lr, 0.25)
    >>> optimizer.lr
    0.25
    """
    if not hasattr(x, "assign"):
        raise TypeError(
            f"set_value expects a learning rate that is a number, as in set_value(model.optimizer.lr, 0.01). "
            f"Received {x!r}. Set attributes, or weights with layer.set_weights([...])."
        )
    x.assign(value)


def clear_session() -> None:
    """Nothing: models share no global state, and names are counted in each model by itself."""


def floatx() -> str:
    """The dtype of models that are not told another: "float32". ``Sequential(dtype="float64")`` says so."""
    return "float32"


def epsilon() -> float:
    """Keras' smallest divisor, 1e-7."""
    return 1e-7


def __getattr__(name: str) -> Any:
    hint = f" For functions of arrays, use jax.numpy.{name}." if hasattr(np, name) else ""
    raise AttributeError(f"module 'lamina.backend' has no attribute {name!r}.{hint}")
