"""Fashion-MNIST as the textbooks cut it: pixels over 255, 5,000 of the training images for validation."""

import numpy as np

from lamina.datasets import fashion_mnist

VALID_ROWS = 5_000

Part = tuple[np.ndarray, np.ndarray]


def load(standardize: bool = False, validate_on: str = "first") -> tuple[Part, Part, Part]:
    """Training, validation and test images with labels; on request each pixel with mean 0 and deviation 1.

    `validate_on` says which training images are for validation: the "first" 5,000, or the "last".
    """
    (X_train, y_train), (X_test, y_test) = fashion_mnist.load_data()
    X_train, X_test = X_train.astype(np.float32) / 255, X_test.astype(np.float32) / 255
    cut = VALID_ROWS if validate_on == "first" else len(X_train) - VALID_ROWS
    head, tail = (X_train[:cut], y_train[:cut]), (X_train[cut:], y_train[cut:])
    train, valid = (tail, head) if validate_on == "first" else (head, tail)
    parts = (train, valid, (X_test, y_test))
    if not standardize:
        return parts
    mean, deviation = train[0].mean(axis=0), train[0].std(axis=0) + 1e-7  # border pixels may be constant
    return tuple(((X - mean) / deviation, y) for X, y in parts)
