"""Rectifiers that let something through below zero, on Fashion-MNIST (rows 15 and 16).

Published: the notebook of chapter 11 of Géron, "Hands-On Machine Learning", 2nd edition (2019), 10 epochs of SGD.
"""

from collections.abc import Callable

import lamina as keras
from examples.fashion import load
from examples.published import compare


def build(rectifier: Callable[[], keras.layers.Layer]) -> keras.Sequential:
    """300-100, each with a rectifier of its own as a layer after it."""
    return keras.Sequential(
        [
            keras.layers.Flatten(input_shape=[28, 28]),
            keras.layers.Dense(300, kernel_initializer="he_normal"),
            rectifier(),
            keras.layers.Dense(100, kernel_initializer="he_normal"),
            rectifier(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def main(epochs: int = 10) -> None:
    train, valid, _ = load()
    rows = []
    for rectifier, published in ((keras.layers.LeakyReLU, "0.8396"), (keras.layers.PReLU, "0.8398")):
        keras.utils.set_random_seed(42)
        model = build(rectifier)
        model.compile(keras.optimizers.SGD(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(*train, epochs=epochs, validation_data=valid, verbose=0)
        rows.append((rectifier.__name__, published, f"{history.history['val_accuracy'][-1]:.4f}"))
    compare(f"Leaky rectifiers, validation accuracy after {epochs} epochs", rows)


if __name__ == "__main__":
    main()
