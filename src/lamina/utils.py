"""Keras' small functions around models, under Keras' name for their module."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from lamina.errors import DataError


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray:
    """One-hot rows: a 1 in the column of each class number.

    Parameters
    ----------
    x : array-like of int of shape (n_samples,) or (n_samples, 1)
        Class numbers from 0.
    num_classes : int, optional
        Number of columns; by default the largest class number plus 1.

    Returns
    -------
    ndarray of shape (n_samples, num_classes), float64

    Raises
    ------
    DataError
        If a number is negative, not whole, or not below `num_classes`.

    Examples
    --------
    >>> to_categorical([0, 2]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    given = np.asarray(x)
    classes = given.reshape(given.shape[:-1] if given.ndim > 1 and given.shape[-1] == 1 else given.shape)
    numbers = classes.astype(np.int64)
    if numbers.size and ((numbers != classes).any() or numbers.min() < 0):
        raise DataError(f"Classes must be the whole numbers 0, 1, 2, ... Received values such as {classes.min()}.")
    count = int(numbers.max(initial=-1)) + 1
    if num_classes is not None and count > num_classes:
        raise DataError(f"There is a class {count - 1}, but num_classes={num_classes}.")
    return np.eye(num_classes or count)[numbers]


def set_random_seed(seed: int) -> None:
    """Seed Python's and NumPy's generators, from which models draw weights, row orders and noise.

    Parameters
    ----------
    seed : int
        Any number from 0 to 2^32 - 1.

    Examples
    --------
    >>> set_random_seed(42)
    """
    random.seed(seed)
    np.random.seed(seed)


def __getattr__(name: str) -> Any:
    hint = " lamina draws no graph of a model: model.summary() prints its layers." if name == "plot_model" else ""
    raise AttributeError(f"module 'lamina.utils' has no attribute {name!r}.{hint}")
