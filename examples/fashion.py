"""Fashion-MNIST as the textbooks cut it: pixels over 255, the first 5,000 training images for validation."""

import numpy as np

from lamina.datasets import fashion_mnist

VALID_ROWS = 5_000

Part = tuple[np.ndarray, np.ndarray]


def load(standardize: bool = False) -> tuple[Part, Part, Part]:
    """Training, validation and test images with labels; on request each pixel with mean 0 and deviation 1."""
    (X_train, y_train), (X_test, y_test) = fashion_mnist.load_data()
    X_train, X_test = X_train.astype(np.float32) / 255, X_test.astype(np.float32) / 255
    valid = (X_train[:VALID_ROWS], y_train[:VALID_ROWS])
    train = (X_train[VALID_ROWS:], y_train[VALID_ROWS:])
    parts = (train, valid, (X_test, y_test))
    if not standardize:
        return parts
    mean, deviation = train[0].mean(axis=0), train[0].std(axis=0) + 1e-7  # border pixels may be constant
    return tuple(((X - mean) / deviation, y) for X, y in parts)
