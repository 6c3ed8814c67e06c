"""The loss of a table's columns: numbers, truths and categories, each with its own, and missing cells with none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lamina.checks import Kind, check_value
from lamina.losses.base import Loss
from lamina.losses.crossentropy import binary


def _numbers(y, z):
    """Squared errors; NaN is a missing number."""
    known = ~jnp.isnan(y)
    return jnp.where(known, jnp.square(jnp.where(known, y, 0) - z), 0).sum(axis=-1), known.sum(axis=-1)


def _truths(y, z):
    """Cross-entropies of 0 and 1, with logits z; NaN is a missing truth."""
    known = ~jnp.isnan(y)
    return jnp.where(known, binary(jnp.where(known, y, 0), z, from_logits=True), 0).sum(axis=-1), known.sum(axis=-1)


def _category(y, z):
    """The cross-entropy of one-hot columns, with logits z; all zeros is a missing category."""
    return -jnp.sum(y * jax.nn.log_softmax(z, axis=-1), axis=-1), y.sum(axis=-1)


#: by the kind of a block: the loss that it adds, and how many known columns that is of
_LOSSES = {"number": _numbers, "boolean": _truths, "category": _category}
_LINKS = {"number": lambda z: z, "boolean": jax.nn.sigmoid, "category": jax.nn.softmax}


class MixedColumns(Loss):
    """The mean over a row's known columns: ``(y - z)²`` of numbers, the cross-entropy of truths and categories.

    A missing cell, a NaN or a one-hot block of zeros, weighs nothing. Standardised numbers that are predicted by their
    mean cost 1, a category as much as its entropy.

    Parameters
    ----------
    blocks : sequence of (str, int)
        The outputs from left to right, as kinds with numbers of outputs: ("number", 3) are three numbers,
        ("boolean", 2) two truths, ("category", 5) one category in five columns. As
        :meth:`lamina.data.TableEncoder.blocks` gives them.
    name : str, optional
        A name for it.

    Examples
    --------
    >>> import numpy as np
    >>> loss = MixedColumns([("number", 2), ("category", 2)])
    >>> y, z = np.array([[1.0, np.nan, 0.0, 1.0]]), np.array([[3.0, 9.0, 0.0, 0.0]])
    >>> round(float(loss(y, z)), 4), round(float(2**2 + np.log(2)) / 2, 4)
    (2.3466, 2.3466)
    """

    def __init__(self, blocks: Sequence[tuple[str, int]], *, name: str | None = None) -> None:
        super().__init__(name=name)
        check_value("MixedColumns", "blocks", blocks, Kind((list, tuple), "a sequence of kinds and widths"))
        self.blocks = tuple((kind, int(width)) for kind, width in blocks)

    @property
    def link(self) -> Any:  # type: ignore[override]
        """From outputs to predictions: numbers as they are, probabilities of truths and categories."""
        return self.predictions

    def predictions(self, z):
        """Numbers as they are, probabilities of truths and of categories."""
        return jnp.concatenate([_LINKS[kind](part) for kind, part in self._parts(z)], axis=-1)

    def call(self, y_true, y_pred):
        parts = zip(self._parts(y_true), self._parts(y_pred), strict=True)
        sums, counts = zip(*(_LOSSES[kind](y, z) for (kind, y), (_, z) in parts))
        return sum(sums) / jnp.maximum(sum(counts), 1)

    def _parts(self, columns) -> list[tuple[str, Any]]:
        """Each block's kind and columns."""
        ends = [sum(width for _, width in self.blocks[: i + 1]) for i in range(len(self.blocks))]
        return [(kind, columns[..., end - width : end]) for (kind, width), end in zip(self.blocks, ends)]
