"""Whole numbers turned into learned vectors."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from lamina.checks import Number, check_value
from lamina.constraints import get_constraint
from lamina.initializers import get_initializer
from lamina.layers.base import Layer
from lamina.regularizers import get_regularizer


class Embedding(Layer):
    """Every whole number k becomes row k of a learned table: rows of shape (n,) become (n, output_dim).

    Numbers may come as floats, as in a table with other columns, and are cut to whole ones. One that is not below
    `input_dim` gives NaN, which ends training with an error.

    Parameters
    ----------
    input_dim : int
        Number of different numbers: 0 to ``input_dim - 1``.
    output_dim : int
        Length of the vectors.
    embeddings_initializer : str, Initializer or callable, default="uniform"
        How the table is drawn; "uniform" is ±0.05.
    embeddings_regularizer : str, Regularizer or callable, optional
        Penalty on the table.
    embeddings_constraint : str, Constraint or callable, optional
        What the table is brought back to after each update.
    **common
        As in `Layer`, without `input_dim`.

    Examples
    --------
    >>> import numpy as np
    >>> Embedding(3, 2, "identity")(np.array([[0.0], [1.0]], np.float32)).tolist()
    [[[1.0, 0.0]], [[0.0, 1.0]]]
    """

    labels: ClassVar[tuple[str, ...]] = tuple(label for label in Layer.labels if label != "input_dim")
    hosted: ClassVar[tuple[str, ...]] = ("embeddings_initializer",)

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        **common,
    ) -> None:
        super().__init__(**common)
        self.input_dim = check_value("Embedding", "input_dim", input_dim, Number(1, whole=True))
        self.output_dim = check_value("Embedding", "output_dim", output_dim, Number(1, whole=True))
        get_initializer(embeddings_initializer)
        self.embeddings_initializer = embeddings_initializer
        self.embeddings_regularizer = get_regularizer(embeddings_regularizer)
        self.embeddings_constraint = get_constraint(embeddings_constraint)

    def init(self, rng, input_shape):
        shape = (self.input_dim, self.output_dim)
        table = get_initializer(self.embeddings_initializer).draw(rng, shape, shape)
        return {"embeddings": table}, {}, (*input_shape, self.output_dim)

    def apply(self, params, state, x, call):
        rows = jnp.where(x < 0, self.input_dim, x).astype(np.int32)  # a negative one would count from the end
        return jnp.take(params["embeddings"], rows, axis=0, mode="fill", fill_value=np.nan), state
