"""What layers assume of each other and of the data, and the sentences that both doors warn with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import jax
import numpy as np

from lamina import activations
from lamina.initializers import get_initializer
from lamina.initializers.scaling import VarianceScaling
from lamina.layers import (
    SELU,
    AlphaDropout,
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    GaussianDropout,
    GaussianNoise,
    InputLayer,
    Layer,
    LayerNormalization,
    Normalization,
    Reshape,
    Residual,
)

#: rows that are looked at to judge the inputs, and the fewest that say something
MOST_ROWS, FEWEST_ROWS = 2000, 30
#: largest mean over deviation, and range of the deviation, of the median column of standardised inputs
OFF_CENTRE, DEVIATIONS = 0.5, (0.1, 3.0)
#: a single column whose mean or deviation is beyond this outweighs all others
FAR_OFF = 10.0

_SELU = ("selu", activations.selu, jax.nn.selu)
_SHAPES_AND_NOISE = (InputLayer, Flatten, Reshape, Dropout, GaussianDropout, GaussianNoise)
_NORMALIZATIONS = (BatchNormalization, LayerNormalization, Normalization)


def broken_assumptions(layers: Sequence[Layer], x: np.ndarray | None, batch_size: int) -> list[str]:
    """A sentence for each technique whose assumption does not hold; without `x` the inputs are not judged."""
    every = list(_unfolded(layers))
    sentences = [*_of_batch_normalization(every, batch_size), *_of_regularizers(every)]
    if any(map(_is_selu, every[:-1])):
        sentences += _of_selu(every, x)
    return sentences


def _unfolded(layers: Sequence[Layer]) -> Iterator[Layer]:
    """The layers in order, those of blocks among them."""
    for layer in layers:
        if isinstance(layer, Residual):
            yield from _unfolded(layer.layers)
        else:
            yield layer


def _of_batch_normalization(layers: Sequence[Layer], batch_size: int) -> Iterator[str]:
    normalizations = (layer for layer in layers if isinstance(layer, BatchNormalization) and layer.trainable)
    of_rows = (len(layer.built_for or (1,)) == np.size(layer.axis) for layer in normalizations)
    if batch_size == 1 and any(of_rows):
        yield "Batch normalisation of a single row has no variance. Use a batch_size of 16 or more."


def _of_regularizers(layers: Sequence[Layer]) -> Iterator[str]:
    if any(getattr(layer, "bias_regularizer", None) is not None for layer in layers):
        yield (
            "bias_regularizer draws biases to 0, which keeps a layer from fitting the mean and hardly limits what it "
            "can learn by heart. Use kernel_regularizer alone."
        )


# -- SELU, which keeps mean 0 and variance 1 under conditions ----------------------------------------------------------


def _of_selu(layers: Sequence[Layer], x: np.ndarray | None) -> Iterator[str]:
    first = next(layer for layer in layers if not isinstance(layer, _SHAPES_AND_NOISE))
    if any(isinstance(layer, BatchNormalization) for layer in layers if layer is not first):
        yield "SELU keeps its own mean and variance; batch normalisation undoes that. Use one of the two."
    if _has_dropout_around_selu(layers, first):
        yield "Dropout changes the mean and variance that SELU keeps. Use AlphaDropout, which does not, in its place."
    for initializer in dict.fromkeys(map(repr, _unsuited_initializers(layers))):
        yield (
            "SELU is self-normalising with LeCun's normal initialisation only. "
            f'Received kernel_initializer={initializer}; "auto" picks the right one.'
        )
    # what comes out of any other first layer is its own affair, and after a normalisation it is standardised
    if x is not None and isinstance(first, Dense):
        yield from (f"{found} {_STANDARDISE}" for found in _not_standardised(x))


_STANDARDISE = (
    "SELU keeps mean 0 and deviation 1 only if the inputs have them. Standardise the inputs with "
    "sklearn.preprocessing.StandardScaler, or in a Sequential model with a first layer BatchNormalization() or an "
    "adapted Normalization()."
)


def _is_selu(layer: Layer) -> bool:
    activation = getattr(layer, "activation", None)
    return isinstance(layer, SELU) or isinstance(activation, SELU) or any(activation is selu for selu in _SELU)


def _has_dropout_around_selu(layers: Sequence[Layer], first: Layer) -> bool:
    """Whether a plain dropout takes the outputs of SELU, or the inputs of its first layer."""
    after_selu = _is_selu(first)
    for layer in layers:
        if isinstance(layer, Dropout) and not isinstance(layer, AlphaDropout) and after_selu:
            return True
        if not isinstance(layer, (*_SHAPES_AND_NOISE, *_NORMALIZATIONS)):
            after_selu = _is_selu(layer)
    return False


def _unsuited_initializers(layers: Sequence[Layer]) -> Iterator:
    """Initializers of kernels before SELU that give another variance than 1 / inputs.

    Glorot's, the default, gives that too where a layer is as wide as the one before.
    """
    for layer, following in pairwise(layers):
        if isinstance(layer, Dense) and (_is_selu(layer) or _is_selu(following)):
            initializer = get_initializer(layer.kernel_initializer, layer.activation)
            scaled = isinstance(initializer, VarianceScaling) and initializer
            if not scaled or scaled.scale != 1 or scaled.mode == "fan_out":
                yield layer.kernel_initializer


def _not_standardised(x: np.ndarray) -> Iterator[str]:
    """What is wrong with the inputs, judged by up to `MOST_ROWS` rows spread over all.

    Columns of a single value, or of 0 and 1 alone, are left out. The median column counts, because a sample says little
    about rare values in single columns; and any single column that is far off.
    """
    rows = x[:: -(-len(x) // MOST_ROWS)].reshape(-1, int(np.prod(x.shape[1:]))).astype(np.float64)
    numbers = np.flatnonzero((np.ptp(rows, axis=0) > 0) & ~np.isin(rows, (0, 1)).all(axis=0))
    if len(rows) < FEWEST_ROWS or not len(numbers):
        return
    mean, deviation = rows[:, numbers].mean(axis=0), rows[:, numbers].std(axis=0)
    size = np.maximum(np.abs(mean), deviation)
    worst = int(size.argmax())
    if size[worst] > FAR_OFF:
        yield f"Column {numbers[worst]} of the inputs has mean {mean[worst]:.3g} and deviation {deviation[worst]:.3g}."
        return
    centre, spread = np.median(np.abs(mean) / deviation), np.median(deviation)
    if centre > OFF_CENTRE or not DEVIATIONS[0] <= spread <= DEVIATIONS[1]:
        typical = f"mean {np.median(mean):.2g} and deviation {spread:.2g}"
        yield f"The columns of the inputs have {typical} (medians)."
