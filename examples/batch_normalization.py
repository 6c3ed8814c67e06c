"""Batch normalisation after or before the activation, on Fashion-MNIST (rows 31, 32 and 34).

Published: the notebook of chapter 11 of Géron, "Hands-On Machine Learning", 2nd edition (2019), 10 epochs of SGD.
"""

import lamina as keras
from examples.fashion import load
from examples.published import compare


def after() -> keras.Sequential:
    """Dense, activation, batch normalisation; the first of them in place of a scaler."""
    return keras.Sequential(
        [
            keras.layers.Flatten(input_shape=[28, 28]),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(300, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(100, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def before() -> keras.Sequential:
    """Dense without a bias, which batch normalisation has anyway, then batch normalisation, then the activation."""
    return keras.Sequential(
        [
            keras.layers.Flatten(input_shape=[28, 28]),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(300, use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.Activation("relu"),
            keras.layers.Dense(100, use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.Activation("relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def main(epochs: int = 10) -> None:
    train, valid, _ = load()
    rows = []
    for name, build, published in (("after", after, "0.8750"), ("before", before, "0.8660")):
        keras.utils.set_random_seed(42)
        model = build()
        if name == "after":
            counts = [sum(w.size for w in ws) for ws in (model.trainable_weights, model.non_trainable_weights)]
            rows.append(("parameters", "268,978 + 2,368", "{:,} + {:,}".format(*counts)))
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.optimizer.learning_rate = 1e-3
        history = model.fit(*train, epochs=epochs, validation_data=valid, verbose=0)
        rows.append((f"{name} the activation", published, f"{history.history['val_accuracy'][-1]:.4f}"))
    compare(f"Batch normalisation, validation accuracy after {epochs} epochs", rows)


if __name__ == "__main__":
    main()
