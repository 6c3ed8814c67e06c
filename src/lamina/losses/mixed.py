"""The loss of a table's columns: numbers, truths and categories, each with its own, and missing cells with none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lamina.checks import Kind, check_value
from lamina.losses.base import Loss
from lamina.losses.crossentropy import binary


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
        """From outputs to predictions."""
        return self.predictions

    def predictions(self, z):
        """Numbers as they are, probabilities of truths and of categories."""
        of = self._layout().category_of
        shares = jnp.exp(self._by_category(z, self._log_sums(z) @ of.T))
        return jnp.where(self._is("number"), z, jnp.where(self._is("boolean"), jax.nn.sigmoid(z), shares))

    def call(self, y_true, y_pred):
        missing, is_category = jnp.isnan(y_true), self._is("category")
        y = jnp.where(missing, 0, y_true)
        alone = jnp.where(self._is("number"), jnp.square(y - y_pred), binary(y, y_pred, from_logits=True))
        known = ~missing & ~is_category
        choices = jnp.where(is_category, y, 0)
        known_choices = choices @ self._layout().category_of
        entropies = jnp.sum(known_choices * self._log_sums(y_pred), axis=-1) - jnp.sum(choices * y_pred, axis=-1)
        n_known = jnp.sum(known, axis=-1) + jnp.sum(known_choices, axis=-1)
        return (jnp.sum(jnp.where(known, alone, 0), axis=-1) + entropies) / jnp.maximum(n_known, 1)

    def _log_sums(self, z):
        """``log sum exp`` of each category's outputs; all by one product, for a table may have many."""
        layout = self._layout()
        peaks = jax.lax.stop_gradient(z)[..., layout.columns].max(axis=-1)
        return peaks + jnp.log(jnp.exp(self._by_category(z, peaks @ layout.category_of.T)) @ layout.category_of)

    def _by_category(self, z, shifts):
        """The outputs of categories, shifted; 0 elsewhere, where an exponential might be infinite."""
        return jnp.where(self._is("category"), z - shifts, 0)

    def _is(self, kind: str) -> np.ndarray:
        """Which outputs are of a kind."""
        return np.repeat([each == kind for each, _ in self.blocks], [width for _, width in self.blocks])

    def _layout(self) -> _Layout:
        """Where the categories lie."""
        ends = np.cumsum([width for _, width in self.blocks])
        spans = [np.arange(end - width, end) for (kind, width), end in zip(self.blocks, ends) if kind == "category"]
        category_of = np.zeros((ends[-1], len(spans)), np.float32)
        columns = np.zeros((len(spans), max(map(len, spans), default=1)), int)
        for number, span in enumerate(spans):
            category_of[span, number] = 1
            columns[number] = span[0]
            columns[number, : len(span)] = span
        return _Layout(category_of, columns)


class _Layout(NamedTuple):
    """Where the categories lie among the outputs."""

    #: 1 where an output (row) belongs to a category (column)
    category_of: np.ndarray
    #: each category's outputs, the first one again where it has fewer than others
    columns: np.ndarray
