"""Predictions for any number of rows, from a handful of compiled programs."""

from __future__ import annotations

import numpy as np

from lamina.engine.buckets import bucket, pad_rows
from lamina.engine.precision import precision
from lamina.engine.program import Program

#: rows per dispatch
CHUNK = 8192


def predict(function, program: Program, params, state, x: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """Apply the compiled ``function(params, state, rows)`` to all rows; `x` may be a SciPy CSR matrix.

    The function takes as many further arrays as there are `others` with a row for each row, such as targets.
    """
    pieces = []
    with precision(program.plan.dtype):
        for start in range(0, max(x.shape[0], 1), CHUNK):
            rows = [_dense(array[start : start + CHUNK]) for array in (x, *others)]
            n_rows = len(rows[0])
            size = bucket(n_rows)
            padded = rows if size == n_rows else [pad_rows(array, size) for array in rows]
            pieces.append((n_rows, function(params, state, *padded)))
    arrays = [np.asarray(piece)[:n] for n, piece in pieces]
    return arrays[0].copy() if len(arrays) == 1 else np.concatenate(arrays)


def _dense(rows) -> np.ndarray:
    """Rows as an array."""
    return rows.toarray() if hasattr(rows, "toarray") else rows
