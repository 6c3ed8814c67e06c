"""A net that overfits iris, and early stopping (rows 84 and 85).

Published: Tavenard, "Deep Learning Basics", lecture notes (2022), one shuffle: 70 epochs of Adam, 105 rows to train on
and 45 to validate on. Where the minimum lies depends on the shuffle, so we take ten, and give the median and the range.
The claim shows: after the last epoch the validation loss is above its minimum, and early stopping comes close to that
minimum in half the epochs, if not always at the same epoch, since a lower dip may be further away than the patience.
"""

import warnings

import numpy as np
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

import lamina as keras
from examples.published import compare

HIDDEN = (256, 256, 256)
VALIDATION_SPLIT = 0.3
PATIENCE = 10


def shuffled(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The standardised measurements and the class numbers, in a random order."""
    X, y = load_iris(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(X))
    return ((X - X.mean(axis=0)) / X.std(axis=0))[order], y[order]


def fit_sequential(X, y, seed: int, epochs: int, callbacks=()) -> list[float]:
    """The validation losses of a net of the Keras door, of every epoch."""
    keras.utils.set_random_seed(seed)
    hidden = [keras.layers.Dense(units, activation="relu") for units in HIDDEN]
    model = keras.Sequential([*hidden, keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    targets = keras.utils.to_categorical(y)
    settings = {"epochs": epochs, "batch_size": 30, "validation_split": VALIDATION_SPLIT, "verbose": 0}
    return model.fit(X, targets, callbacks=callbacks, **settings).history["val_loss"]


def fit_classifier(X, y, seed: int, epochs: int) -> keras.MLPClassifier:
    """The same net through scikit-learn's door, where early stopping watches the validation accuracy."""
    first = round(len(X) * (1 - VALIDATION_SPLIT))
    classifier = keras.MLPClassifier(
        HIDDEN, batch_size=30, max_iter=epochs, early_stopping=True, n_iter_no_change=PATIENCE, random_state=seed
    )
    return classifier.fit(X[:first], y[:first], validation_data=(X[first:], y[first:]))


def measure(seed: int, epochs: int) -> list[float]:
    """What the table shows, for one shuffle. Epochs count from 1."""
    X, y = shuffled(seed)
    losses = fit_sequential(X, y, seed, epochs)
    stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=PATIENCE, restore_best_weights=True)
    stopped = fit_sequential(X, y, seed, epochs, [stopping])
    classifier = fit_classifier(X, y, seed, epochs)
    return [
        np.argmin(losses) + 1,
        min(losses),
        losses[-1],
        len(stopped),
        stopping.best_epoch + 1,
        stopping.best,
        classifier.n_iter_,
        np.argmax(classifier.validation_scores_) + 1,
        classifier.best_validation_score_,
    ]


ROWS = (
    ("epoch of the smallest validation loss", "25", ".0f"),
    ("validation loss there", "-", ".3f"),
    ("validation loss after the last epoch", "-", ".3f"),
    ("early stopping: epochs trained", "-", ".0f"),
    ("early stopping: epoch gone back to", "20", ".0f"),
    ("early stopping: validation loss there", "-", ".3f"),
    ("MLPClassifier: epochs trained", "-", ".0f"),
    ("MLPClassifier: epoch gone back to", "-", ".0f"),
    ("MLPClassifier: validation accuracy there", "-", ".3f"),
)


def main(epochs: int = 70, shuffles: int = 10) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # some shuffles need all epochs
        columns = np.array([measure(seed, epochs) for seed in range(shuffles)]).T
    rows = [
        (name, published, f"{np.median(values):{form}} ({min(values):{form}} to {max(values):{form}})")
        for (name, published, form), values in zip(ROWS, columns, strict=True)
    ]
    compare(f"Iris, {epochs} epochs, median and range of {shuffles} shuffles", rows)


if __name__ == "__main__":
    main()
