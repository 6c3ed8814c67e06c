"""Eleven optimizers on Fashion-MNIST at their textbook rate 0.001 (rows 47 to 54 and 56).

Published: the notebook of chapter 11 of Géron, "Hands-On Machine Learning", 3rd edition (2022), 10 epochs. Lion, Muon
and schedule-free Adam are younger; each of Lion's steps is as long as the rate, so it wants a smaller one. AdamW is
Adam here, to the last bit: the textbook's decay times the rate, 1e-8, is less than float32 can take off a weight.
"""

from collections.abc import Sequence

import lamina as keras
from examples.fashion import load
from examples.published import compare

SGD = keras.optimizers.SGD

OPTIMIZERS = {
    "momentum": ("0.8672", lambda: SGD(1e-3, momentum=0.9)),
    "Nesterov": ("0.8708", lambda: SGD(1e-3, momentum=0.9, nesterov=True)),
    "AdaGrad": ("0.8424", lambda: keras.optimizers.Adagrad(1e-3)),
    "RMSprop": ("0.8636", lambda: keras.optimizers.RMSprop(1e-3, rho=0.9)),
    "Adam": ("0.8696", lambda: keras.optimizers.Adam(1e-3)),
    "AdaMax": ("0.8780", lambda: keras.optimizers.Adamax(1e-3)),
    "Nadam": ("0.8740", lambda: keras.optimizers.Nadam(1e-3)),
    "AdamW, decay 1e-5": ("0.8702", lambda: keras.optimizers.AdamW(1e-3, weight_decay=1e-5)),
    "Lion": ("-", lambda: keras.optimizers.Lion(1e-3)),
    "Lion, rate 0.0001": ("-", lambda: keras.optimizers.Lion(1e-4)),
    "Muon": ("-", lambda: keras.optimizers.Muon(1e-3)),
    "schedule-free Adam": ("-", lambda: keras.optimizers.ScheduleFreeAdam(1e-3)),
}


def build() -> keras.Sequential:
    """Three hidden layers of ReLU."""
    hidden = [keras.layers.Dense(100, activation="relu", kernel_initializer="he_normal") for _ in range(3)]
    return keras.Sequential(
        [keras.layers.Flatten(input_shape=[28, 28]), *hidden, keras.layers.Dense(10, activation="softmax")]
    )


def main(epochs: int = 10, names: Sequence[str] = tuple(OPTIMIZERS)) -> None:
    train, valid, _ = load(validate_on="last")  # as the third edition does
    rows = []
    for name in names:
        published, optimizer = OPTIMIZERS[name]
        keras.utils.set_random_seed(42)
        model = build()
        model.compile(optimizer(), "sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(*train, epochs=epochs, validation_data=valid, verbose=0).history
        rows.append((name, published, f"{history['val_accuracy'][-1]:.4f}"))
    compare(f"Optimizers, validation accuracy after {epochs} epochs", rows)


if __name__ == "__main__":
    main()
