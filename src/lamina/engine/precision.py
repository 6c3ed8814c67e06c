"""float64 only where a plan asks for it, never globally."""

from __future__ import annotations

from contextlib import AbstractContextManager

import jax

#: what a plan may ask for
DTYPES = ("float32", "float64", "bfloat16")


def precision(dtype: str) -> AbstractContextManager:
    """The context in which programs of `dtype` are traced and run."""
    return jax.enable_x64(dtype == "float64")


def weight_dtype(dtype: str) -> str:
    """The dtype that weights and statistics are kept in: bfloat16 is for matrix products only."""
    return "float32" if dtype == "bfloat16" else dtype
