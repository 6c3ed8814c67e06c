"""Row counts rounded up to a geometric grid, so that nearby sizes share one compiled program."""

from __future__ import annotations

import numpy as np

#: forward passes over many rows go through blocks of this many: enough work for two cores, few enough for their cache
BLOCK = 4096

#: bytes; a device on the host shares memory that starts at a multiple of this (copying 60,000 images took 0.5 s)
ALIGNMENT = 64


def bucket(rows: int) -> int:
    """The smallest of 1, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, ... (at most a quarter apart) that holds `rows`.

    >>> [bucket(n) for n in (1, 2, 9, 100, 1437)]
    [1, 8, 10, 112, 1536]
    """
    if rows <= 1:
        return 1
    if rows <= 8:
        return 8
    unit = 1 << ((rows - 1).bit_length() - 3)
    return -(-rows // unit) * unit


def pad_rows(array: np.ndarray, rows: int, dtype: np.dtype | type | None = None) -> np.ndarray:
    """A copy of `array` with zero rows appended up to `rows`, aligned so that JAX need not copy it again."""
    dtype = np.dtype(dtype or array.dtype)
    shape = (rows, *array.shape[1:])
    size = int(np.prod(shape)) * dtype.itemsize
    raw = np.empty(size + ALIGNMENT, np.uint8)
    first = -raw.ctypes.data % ALIGNMENT
    padded = raw[first : first + size].view(dtype).reshape(shape)
    padded[: len(array)] = array
    padded[len(array) :] = 0
    return padded
