"""Predictions for any number of rows, from a handful of compiled programs."""

from __future__ import annotations

import numpy as np

from lamina.engine.buckets import bucket, pad_rows
from lamina.engine.precision import precision
from lamina.engine.program import Program

#: rows per dispatch
CHUNK = 8192


def predict(function, program: Program, params, state, x: np.ndarray) -> np.ndarray:
    """Apply the compiled ``function(params, state, rows)`` to all rows; `x` may be a SciPy CSR matrix."""
    pieces = []
    with precision(program.plan.dtype):
        for start in range(0, max(x.shape[0], 1), CHUNK):
            rows = x[start : start + CHUNK]
            rows = rows.toarray() if hasattr(rows, "toarray") else rows
            size = bucket(len(rows))
            padded = rows if size == len(rows) else pad_rows(rows, size)
            pieces.append((len(rows), function(params, state, padded)))
    arrays = [np.asarray(piece)[:n] for n, piece in pieces]
    return arrays[0].copy() if len(arrays) == 1 else np.concatenate(arrays)
