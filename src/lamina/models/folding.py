"""Batch normalisation that has done its work, taken into the dense layers beside it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lamina.activations import get_activation
from lamina.engine.run import Variables
from lamina.layers import BatchNormalization, Dense, Layer, Residual
from lamina.models.copies import copy_of
from lamina.models.sequential import Sequential


class Part(NamedTuple):
    """A layer of the folded model and what its weights will be."""

    layer: Layer
    params: dict[str, Any]
    state: dict[str, Any]


def fold_batch_normalization(model: Sequential) -> Sequential:
    """A model with the same predictions, whose batch normalisations are part of the dense layers beside them.

    In prediction a batch normalisation is ``x · factor + shift`` with fixed numbers. After a dense layer without an
    activation, ``(x · W + b) · factor + shift`` is another dense layer; and so is ``(x · factor + shift) · W + b``,
    before any dense layer. What stands between an activation and something else stays as it is, and so does a
    normalisation along another axis than the last. Blocks of `Residual` are folded within.

    Parameters
    ----------
    model : Sequential
        A trained model; nothing of it is shared or changed. For an estimator give ``clf.model_``.

    Returns
    -------
    Sequential
        For predictions; not compiled. To train it further would be another training, without normalisation.

    References
    ----------
    Jacob et al. (2018), Quantization and training of neural networks for efficient integer-arithmetic-only inference.

    Examples
    --------
    >>> model = Sequential([Dense(8, use_bias=False, input_shape=(4,)), BatchNormalization(), Dense(1)])
    >>> folded = fold_batch_normalization(model)
    >>> len(folded.layers), folded.count_params()
    (2, 49)
    """
    store = model.open()
    parts = _folded([Part(layer, store.params[name], store.state[name]) for name, layer in model.named_layers])
    folded = Sequential([part.layer for part in parts], name=model.name, dtype=model.dtype)
    folded.build((None, *(model.input_shape or ())))
    names = [name for name, _ in folded.named_layers]
    folded.close(
        Variables(
            {name: part.params for name, part in zip(names, parts)},
            {name: part.state for name, part in zip(names, parts)},
        )
    )
    return folded


def _folded(parts: list[Part]) -> list[Part]:
    """Copies of the parts, with each normalisation taken into a neighbour that can have it."""
    done: list[Part] = []
    for part in parts:
        before = done[-1] if done else None
        if before is not None and _foldable(part.layer) and _linear(before.layer):
            done[-1] = _into_dense(before, after=_affine(part))
        elif before is not None and _foldable(before.layer) and type(part.layer) is Dense:
            done[-1] = _into_dense(part, before=_affine(before))
        else:
            done.append(_within(part))
    return done


def _within(part: Part) -> Part:
    """A copy of the part; a block's own layers are folded."""
    if type(part.layer) is not Residual:
        return Part(copy_of(part.layer), part.params, part.state)
    keys = [str(number) for number in range(len(part.layer.layers))]
    inner = _folded([Part(layer, part.params[k], part.state[k]) for layer, k in zip(part.layer.layers, keys)])
    block = copy_of(part.layer)
    block.layers = tuple(child.layer for child in inner)
    return Part(block, {k: c.params for k, c in zip(keys, inner)}, {k: c.state for k, c in zip(keys, inner)})


def _foldable(layer: Layer) -> bool:
    """Whether the layer is a normalisation of the features that a dense layer takes or gives."""
    return type(layer) is BatchNormalization and layer.axis == -1


def _linear(layer: Layer) -> bool:
    """Whether the layer is dense and has no activation."""
    return type(layer) is Dense and get_activation(layer.activation) is get_activation(None)


def _affine(part: Part) -> tuple[np.ndarray, np.ndarray]:
    """Factor and shift of a normalisation in prediction, in float64."""
    assert isinstance(part.layer, BatchNormalization)
    mean, variance = (np.asarray(part.state[f"moving_{name}"], np.float64) for name in ("mean", "variance"))
    factor = part.params.get("gamma", 1.0) / np.sqrt(variance + part.layer.epsilon)
    return factor, part.params.get("beta", 0.0) - mean * factor


def _into_dense(part: Part, before: Any = (1.0, 0.0), after: Any = (1.0, 0.0)) -> Part:
    """The dense layer that takes ``x · factor + shift`` before it and gives its sums ``· factor + shift`` after."""
    kernel = np.asarray(part.params["kernel"], np.float64)
    bias = np.broadcast_to(before[1], kernel.shape[0]) @ kernel + part.params.get("bias", 0.0)
    folded = {"kernel": np.reshape(before[0], (-1, 1)) * kernel * after[0], "bias": bias * after[0] + after[1]}
    layer = copy_of(part.layer)
    layer.use_bias = True
    dtype = part.params["kernel"].dtype
    return Part(layer, {name: np.asarray(array, dtype) for name, array in folded.items()}, part.state)
