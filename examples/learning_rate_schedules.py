"""Five ways to lower the learning rate, on Fashion-MNIST (rows 61, 62, 63, 64 and 71).

Published: the notebook of chapter 11 of Géron, "Hands-On Machine Learning", 2nd edition (2019), 25 epochs on
standardised pixels. The schedules come with different optimizers, so the table does not rank them.
"""

from typing import Any

import lamina as keras
from examples.fashion import load
from examples.published import compare
from lamina.callbacks import LearningRateScheduler, ReduceLROnPlateau
from lamina.optimizers import SGD, Nadam
from lamina.optimizers.schedules import ExponentialDecay


def exponential(epoch: int) -> float:
    """A tenth of it after 20 epochs."""
    return 0.01 * 0.1 ** (epoch / 20)


def piecewise(epoch: int) -> float:
    """Two steps down."""
    if epoch < 5:
        return 0.01
    return 0.005 if epoch < 15 else 0.001


def settings(n_rows: int) -> list[tuple[str, Any, list, str]]:
    """Name, optimizer, callbacks and published accuracy of each schedule."""
    steps = 20 * n_rows // 32  # in 20 epochs
    return [
        ("power", SGD(0.01, decay=1e-4), [], "0.8924"),
        ("exponential", Nadam(0.01), [LearningRateScheduler(exponential)], "0.8928"),
        ("piecewise constant", Nadam(0.01), [LearningRateScheduler(piecewise)], "0.8868"),
        ("plateau", SGD(0.02, momentum=0.9), [ReduceLROnPlateau(factor=0.5, patience=5)], "0.8936"),
        ("exponential per step", SGD(ExponentialDecay(0.01, steps, 0.1)), [], "0.8904"),
    ]


def build() -> keras.Sequential:
    """300-100 with SELU and LeCun's initial weights."""
    return keras.Sequential(
        [
            keras.layers.Flatten(input_shape=[28, 28]),
            keras.layers.Dense(300, activation="selu", kernel_initializer="lecun_normal"),
            keras.layers.Dense(100, activation="selu", kernel_initializer="lecun_normal"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def main(epochs: int = 25) -> None:
    train, valid, _ = load(standardize=True)
    rows = []
    for name, optimizer, callbacks, published in settings(len(train[0])):
        keras.utils.set_random_seed(42)
        model = build()
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(*train, epochs=epochs, validation_data=valid, callbacks=callbacks, verbose=0)
        rows.append((name, published, f"{history.history['val_accuracy'][-1]:.4f}"))
    compare(f"Learning-rate schedules, validation accuracy after {epochs} epochs", rows)


if __name__ == "__main__":
    main()
