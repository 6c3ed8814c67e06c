"""Rows and small networks that the tests of models share."""

import numpy as np

from lamina.layers import Dense, Dropout
from lamina.models import Sequential
from lamina.optimizers import SGD

RNG = np.random.RandomState(0)
X = RNG.randn(150, 4).astype(np.float32)  # 150 rows: four batches of 32 and one of 22
CLASSES = (X[:, 0] + X[:, 1] > 0).astype(int) + (X[:, 2] > 0.5)
BINARY = (X[:, 0] - X[:, 3] > 0).astype(int)
TARGETS = np.c_[X[:, 0] * X[:, 1], X[:, 2]]
VALID = RNG.randn(41, 4).astype(np.float32)
WEIGHTS = RNG.uniform(0.5, 2, 150)


def classifier(rate=0.0, units=8, **compiled) -> Sequential:
    """Three classes; with a rate, dropout between the two dense layers."""
    hidden = [Dense(units, "relu", input_shape=(4,)), *([Dropout(rate)] if rate else [])]
    model = Sequential([*hidden, Dense(3, "softmax")])
    model.compile(
        **{"optimizer": SGD(0.1), "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]} | compiled
    )
    return model


def two_layers(factors=(None, None), optimizer=None):
    """Linear and softmax, with a factor on each layer's rate."""
    model = Sequential(
        [
            Dense(5, input_shape=(4,), learning_rate_multiplier=factors[0]),
            Dense(3, "softmax", learning_rate_multiplier=factors[1]),
        ]
    )
    model.compile(optimizer or SGD(0.2), "categorical_crossentropy")
    return model


def by_hand(weights, rates, batches):
    """Softmax regression after a linear layer, trained by plain SGD in NumPy: kernels and biases at their own rates."""
    (w0, b0, w1, b1) = (array.astype(np.float64) for array in weights)
    for x, onehot in batches:
        hidden = x @ w0 + b0
        z = hidden @ w1 + b1
        e = np.exp(z - z.max(axis=1, keepdims=True))
        dz = (e / e.sum(axis=1, keepdims=True) - onehot) / len(x)
        dh = dz @ w1.T
        w1, b1 = w1 - rates[1] * hidden.T @ dz, b1 - rates[1] * dz.sum(axis=0)
        w0, b0 = w0 - rates[0] * x.T @ dh, b0 - rates[0] * dh.sum(axis=0)
    return [w0, b0, w1, b1]
