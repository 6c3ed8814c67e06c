"""How many training images and how many epochs are enough, on Fashion-MNIST (rows 141, 142 and 143).

Published, as two pictures without figures: chapter 7 of Amr, "Hands-On Machine Learning with scikit-learn and
Scientific Python Toolkits" (2020). Three folds of 8,000 images, two layers of 100 units, settings of scikit-learn. The
book trains anew for every number of epochs; here one training per fold tells about all of them.
"""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from examples.fashion import load
from examples.published import compare
from lamina import MLPClassifier
from lamina.search import epoch_curve, learning_curve

ROWS = 8_000
SIZES = (1, 0.75, 0.5, 0.25, 0.1, 0.05)
MAX_ITER = (5, 10, 25, 50, 75, 100, 150)
#: the book does not say how many epochs its learning curve has
EPOCHS_OF_SIZES = 50


def by_rows(X: np.ndarray, y: np.ndarray, epochs: int) -> None:
    """Accuracy by the number of training images."""
    net = MLPClassifier((100, 100), max_iter=epochs, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # so few epochs are the point
        sizes, train, test = learning_curve(net, X, y, train_sizes=SIZES, cv=3)
    train, test = train.mean(axis=1), test.mean(axis=1)
    rows = [(f"{size:,} images", "", f"{b:.3f} ({a:.3f})") for size, a, b in zip(sizes, train, test)]
    gain = test[-1] - np.interp(2_000, sizes, test)
    rows.append(("gain beyond 2,000 images", "not much", f"{gain:+.3f}"))
    compare(f"Validation (and training) accuracy after {epochs} epochs, mean of 3 folds", rows)


def by_epochs(X: np.ndarray, y: np.ndarray, epochs: int) -> None:
    """Accuracy by the number of epochs."""
    curve = epoch_curve(MLPClassifier((100, 100), max_iter=epochs, random_state=0), X, y, cv=3)
    mean = curve.mean()
    last = len(curve.epoch)  # all folds may have stopped before
    rows = []
    for number in MAX_ITER:
        if number <= epochs:
            at = min(number, last) - 1
            rows.append((f"{number} epochs", "", f"{mean['val_score'][at]:.3f} ({mean['score'][at]:.3f})"))
    gain = mean["val_score"][-1] - mean["val_score"][min(25, last) - 1]
    rows.append(("gain beyond 25 epochs", "about 0", f"{gain:+.3f}"))
    rows.append(("training accuracy in the end", "1", f"{mean['score'][-1]:.3f}"))
    compare("Validation (and training) accuracy by epochs, mean of 3 folds", rows)


def main(epochs: int = MAX_ITER[-1]) -> None:
    (X, y), *_ = load()
    X, y = X[:ROWS].reshape(-1, 28 * 28), y[:ROWS]
    by_rows(X, y, min(epochs, EPOCHS_OF_SIZES))
    by_epochs(X, y, epochs)


if __name__ == "__main__":
    main()
