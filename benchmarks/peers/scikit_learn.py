"""scikit-learn's own MLPClassifier."""

import warnings

import numpy as np

from benchmarks.workloads import ALPHA, LEARNING_RATE, Net

REQUIRES = ("scikit-learn", "numpy", "scipy")
ENDLESS = 10**6  # epochs of patience: no early stop


def settings(net: Net) -> dict[str, object]:
    return {
        "hidden_layer_sizes": net.hidden,
        "batch_size": net.batch,
        "max_iter": net.epochs,
        "alpha": ALPHA,
        "learning_rate_init": LEARNING_RATE,
        "n_iter_no_change": ENDLESS,
        "random_state": 0,
    }


class Trainer:
    def __init__(self, net: Net) -> None:
        from sklearn.neural_network import MLPClassifier

        self.epochs = net.epochs
        self.model = MLPClassifier(**settings(net))

    def fit(self, X: np.ndarray, y: np.ndarray) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # ConvergenceWarning: the number of epochs is the point
            self.model.fit(X, y, **self.extras(X, y))
        assert self.model.n_iter_ == self.epochs

    def extras(self, X: np.ndarray, y: np.ndarray) -> dict[str, object]:
        """What else `fit` is given."""
        return {}

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self.model.predict(X)
