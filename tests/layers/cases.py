"""Examples of every layer, each with the shape of a row that it takes; `test_base` checks that none is missing."""

import numpy as np

from lamina import layers
from lamina.layers import Call, Layer

ROWS = 6


class AlwaysDropout(layers.Dropout):
    """As programs for Keras write it."""

    def call(self, inputs):
        return super().call(inputs, training=True)


def total_size(weights):
    return abs(weights).sum()


def mirrored(x):
    return x[:, ::-1] * 2


CASES: list[tuple[Layer, tuple[int, ...]]] = [
    (layers.Activation("tanh"), (4,)),
    (layers.ActivityRegularization(l1=0.1, l2=0.2), (4,)),
    (layers.AlphaDropout(0.3), (4,)),
    (layers.BatchNormalization(), (4,)),
    (layers.BatchNormalization(axis=1, momentum=0.9, scale=False), (3, 2)),
    (layers.BatchNormalization(center=False, epsilon=0.1), (3, 2)),
    (layers.BatchNormalization(axis=[1, 2]), (3, 2)),
    (layers.BatchNormalization(beta_regularizer="l1", gamma_regularizer=total_size, gamma_constraint="non_neg"), (4,)),
    (layers.Dense(3), (4,)),
    (
        layers.Dense(3, "relu", kernel_regularizer="l1_l2", bias_regularizer=total_size, kernel_constraint="max_norm"),
        (2, 4),
    ),
    (layers.Dense(3, layers.LeakyReLU(0.1), use_bias=False, kernel_initializer="auto"), (4,)),
    (layers.Dropout(0.4), (4,)),
    (layers.ELU(0.5), (4,)),
    (layers.Embedding(ROWS, 3, "random_normal", "l2", "unit_norm"), (2,)),
    (layers.Flatten(), (3, 2)),
    (layers.GELU(), (4,)),
    (layers.GELU(approximate=True), (4,)),
    (layers.GaussianDropout(0.2), (4,)),
    (layers.GaussianNoise(0.1), (4,)),
    (layers.GroupNormalization(2), (4,)),
    (layers.GroupNormalization(-1, axis=1, center=False), (3, 2)),
    (layers.InputLayer((4,)), (4,)),
    (layers.KLActivityRegularization(0.1, 2.0), (4,)),
    (layers.Lambda(mirrored), (4,)),
    (layers.LayerNormalization(), (4,)),
    (layers.LayerNormalization(axis=1, scale=False), (3, 2)),
    (layers.LayerNormalization(axis=(-1, -2)), (3, 2)),
    (layers.LayerNormalization(gamma_initializer="normal", gamma_regularizer="l2", beta_constraint="max_norm"), (4,)),
    (layers.LeakyReLU(), (4,)),
    (layers.MCAlphaDropout(0.3), (4,)),
    (layers.MCDropout(0.4), (4,)),
    (layers.Mish(), (4,)),
    (layers.Normalization(mean=[1.0, 2.0], variance=[1.0, 4.0]), (2,)),
    (layers.Normalization(axis=1, mean=[1.0, 2.0, 3.0], variance=4.0, invert=True), (3, 2)),
    (layers.PReLU("random_normal", "l1", "non_neg"), (4,)),
    (layers.PReLU("ones", shared_axes=[1]), (3, 2)),
    (layers.Rescaling(2.0, offset=-1.0), (4,)),
    (layers.Rescaling([1.0, 2.0], offset=(0.0, 1.0)), (3, 2)),
    (layers.PairDifference(), (2, 4)),
    (layers.RMSNormalization(), (4,)),
    (layers.RMSNormalization(axis=1, epsilon=0.1), (3, 2)),
    (layers.RReLU(), (4,)),
    (layers.ReLU(), (4,)),
    (layers.ReLU(max_value=0.5, negative_slope=0.1, threshold=0.2), (4,)),
    (layers.Reshape((2, -1)), (4,)),
    (
        layers.Residual(
            [
                layers.Dense(3, "tanh", kernel_regularizer="l2"),
                layers.BatchNormalization(),
                layers.Residual([layers.Dropout(0.3), layers.Dense(3, kernel_constraint="non_neg")]),
                AlwaysDropout(0.2),
                layers.Dense(4),
            ]
        ),
        (4,),
    ),
    (layers.SELU(), (4,)),
    (layers.SiLU(), (4,)),
    (layers.Softmax(), (4,)),
    (layers.Softmax(axis=1), (3, 2)),
    (layers.Softplus(), (4,)),
    (layers.SwapNoise(0.4), (3, 2)),
    (layers.SwapNoise(0.4, widths=(1, 3)), (4,)),
    (AlwaysDropout(0.4), (4,)),
]
IDS = [f"{type(layer).__name__}-{number}" for number, (layer, _) in enumerate(CASES)]


def rows_for(layer: Layer, shape: tuple[int, ...], rng: np.random.RandomState, dtype="float32") -> np.ndarray:
    """A batch that the layer takes."""
    if isinstance(layer, layers.Embedding):
        return rng.randint(layer.input_dim, size=(ROWS, *shape)).astype(dtype)
    return rng.randn(ROWS, *shape).astype(dtype)


def call_for(layer: Layer, training: bool = True, rows=None) -> Call:
    """A call as the engine makes it."""
    seed = np.array([1, 2], np.uint32) if layer.noisy else None
    return Call(training, seed, rows, hyper=layer.hyper())
