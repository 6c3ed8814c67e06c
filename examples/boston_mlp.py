"""House prices from six numbers of a district: a layer of 100 units beside a straight line, in ten folds.

The network is that of Tavenard, "Introduction to Deep Learning" (lecture notes), chapter 2, which gives no figures. Its
output is a ReLU, since no price is negative; `MLPRegressor` has no such output and does without.
"""

import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score, root_mean_squared_error
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import lamina as keras
from examples.boston import load
from examples.published import compare


class ReluOutput(RegressorMixin, BaseEstimator):
    """The lecture notes' network as an estimator."""

    def __init__(self, epochs: int = 100) -> None:
        self.epochs = epochs

    def fit(self, X: np.ndarray, y: np.ndarray) -> "ReluOutput":
        keras.utils.set_random_seed(42)
        hidden = keras.layers.Dense(100, activation="relu")
        self.model_ = keras.Sequential([keras.Input([X.shape[1]]), hidden, keras.layers.Dense(1, activation="relu")])
        self.model_.compile(keras.optimizers.Adam(0.01), "mse")
        self.model_.fit(X, y, epochs=self.epochs, verbose=0)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self.model_.predict(X)[:, 0]


def main(epochs: int = 100) -> None:
    warnings.simplefilter("ignore", ConvergenceWarning)  # all epochs are wanted
    X, y = load("RM", "CRIM", "INDUS", "NOX", "AGE", "TAX")
    settings = {"batch_size": 32, "learning_rate_init": 0.01, "tol": 0, "n_iter_no_change": epochs, "random_state": 42}
    models: dict[str, Any] = {
        "linear": LinearRegression(),
        "100 ReLU, linear output": keras.MLPRegressor(hidden_layer_sizes=(100,), max_iter=epochs, **settings),
        "100 ReLU, ReLU output": ReluOutput(epochs),
    }
    rows = []
    for name, model in models.items():
        folds = KFold(10, shuffle=True, random_state=42)
        predicted = cross_val_predict(make_pipeline(StandardScaler(), model), X, y, cv=folds)
        rows.append((name, "", f"{root_mean_squared_error(y, predicted):.2f}, {r2_score(y, predicted):.3f}"))
    compare(f"Boston prices after {epochs} epochs: root mean squared error in 1,000 dollars, R²", rows)


if __name__ == "__main__":
    main()
