"""AlphaDropout in training, and Monte Carlo dropout in prediction, on Fashion-MNIST (rows 81, 105 and 106).

Published: the notebook of chapter 11 of Géron, "Hands-On Machine Learning", 2nd edition (2019), 20 epochs of SGD, and
one more before the draws. The small gain of accuracy does not show here: it comes and goes with the seed. What does
show is that the draws are less sure of the first image, an ankle boot, and of the images that they mistake.
"""

import lamina as keras
from examples.fashion import load
from examples.published import compare

BOOT = 9


def build(rate: float = 0.2) -> keras.Sequential:
    """A self-normalising net with the dropout that keeps it so."""
    return keras.Sequential(
        [
            keras.layers.Flatten(input_shape=[28, 28]),
            keras.layers.AlphaDropout(rate),
            keras.layers.Dense(300, activation="selu", kernel_initializer="lecun_normal"),
            keras.layers.AlphaDropout(rate),
            keras.layers.Dense(100, activation="selu", kernel_initializer="lecun_normal"),
            keras.layers.AlphaDropout(rate),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def main(epochs: int = 20, draws: int = 100) -> None:
    keras.utils.set_random_seed(42)
    train, _, (X_test, y_test) = load(standardize=True)
    model = build()
    optimizer = keras.optimizers.SGD(learning_rate=0.01, momentum=0.9, nesterov=True)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(*train, epochs=epochs, verbose=0)
    accuracy = model.evaluate(X_test, y_test)[1]
    model.fit(*train, epochs=1, verbose=0)
    once, drawn = model.predict(X_test), model.predict_uncertainty(X_test, n_samples=draws)

    def accuracy_of(probabilities) -> float:
        return (probabilities.argmax(axis=1) == y_test).mean()

    def confidence_where_wrong(probabilities) -> float:
        return probabilities.max(axis=1)[probabilities.argmax(axis=1) != y_test].mean()

    rows = [
        ("test accuracy, plain", "0.8639", f"{accuracy:.4f}"),
        ("test accuracy one epoch later, plain", "-", f"{accuracy_of(once):.4f}"),
        (f"test accuracy one epoch later, {draws} draws", "0.8661", f"{accuracy_of(drawn.mean):.4f}"),
        ("probability of the first boot, plain", "0.96", f"{once[0, BOOT]:.2f}"),
        (
            f"probability of the first boot, {draws} draws",
            "0.68 +- 0.29",
            f"{drawn.mean[0, BOOT]:.2f} +- {drawn.std[0, BOOT]:.2f}",
        ),
        ("mean probability of wrong answers, plain", "-", f"{confidence_where_wrong(once):.2f}"),
        (f"mean probability of wrong answers, {draws} draws", "-", f"{confidence_where_wrong(drawn.mean):.2f}"),
    ]
    compare(f"AlphaDropout and Monte Carlo dropout, {epochs} epochs", rows)


if __name__ == "__main__":
    main()
