"""Sick and healthy trainings on real data, and what the doctor should find first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from lamina import MLPClassifier, MLPRegressor
from lamina.datasets import fashion_mnist
from lamina.initializers import RandomNormal

Rows = tuple[np.ndarray, np.ndarray]
FASHION_ROWS = 2500
HELD_OUT = 0.25


@dataclass(frozen=True)
class Patient:
    """A training: data with what is done to it, and the parameters of an estimator."""

    name: str
    data: str
    settings: Mapping[str, Any]
    #: code of the main finding; None for a healthy training
    illness: str | None = None
    #: what makes the rows worse, on the training and the validation rows
    spoil: Callable[[Rows, Rows], tuple[Rows, Rows]] | None = None
    standardised: bool = True

    #: of the initial weights, and of what is held out
    seed: int = 0

    @property
    def estimator(self) -> Any:
        """The estimator, not fitted."""
        kind = MLPRegressor if self.data == "diabetes" else MLPClassifier
        return kind(**{"random_state": self.seed, "max_iter": 60, "n_iter_no_change": 1000} | self.settings)

    def rows(self) -> tuple[Rows, Rows]:
        """Training and validation rows."""
        X, y = load(self.data)
        stratify = None if self.data == "diabetes" else y
        X, X_valid, y, y_valid = train_test_split(X, y, test_size=HELD_OUT, random_state=self.seed, stratify=stratify)
        if self.standardised:
            scaler = StandardScaler().fit(X)
            X, X_valid = scaler.transform(X), scaler.transform(X_valid)
        train, valid = (X.astype(np.float32), y), (X_valid.astype(np.float32), y_valid)
        return (train, valid) if self.spoil is None else self.spoil(train, valid)


@cache
def load(name: str) -> Rows:
    """A data set; targets of a regression have mean 0 and deviation 1."""
    if name == "fashion":
        (X, y), _ = fashion_mnist.load_data()
        return X[:FASHION_ROWS].reshape(FASHION_ROWS, -1), y[:FASHION_ROWS]
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return X, (y - y.mean()) / y.std() if name == "diabetes" else y


def rare(train: Rows, valid: Rows) -> tuple[Rows, Rows]:
    """Leave few rows of the higher classes for training."""
    X, y = train
    number = np.array([np.sum(y[:i] == k) for i, k in enumerate(y)])
    keep = (y < y.max() / 2) | (number < 4)
    return (X[keep], y[keep]), valid


def wrong_labels(train: Rows, valid: Rows) -> tuple[Rows, Rows]:
    """A third of the training labels drawn by lot."""
    X, y = train
    rng = np.random.RandomState(0)
    return (X, np.where(rng.uniform(size=len(y)) < 1 / 3, rng.permutation(y), y)), valid


def wild_values(train: Rows, valid: Rows) -> tuple[Rows, Rows]:
    """A value of a million in one row out of hundred, in every third column."""
    spoiled = []
    for X, y in (train, valid):
        spoiled.append((X.copy(), y))
        spoiled[-1][0][::100, ::3] = 1e6
    return spoiled[0], spoiled[1]


def few(n: int) -> Callable[[Rows, Rows], tuple[Rows, Rows]]:
    """Leave n training rows."""
    return lambda train, valid: ((train[0][:n], train[1][:n]), valid)


DEEP_SIGMOID = {"hidden_layer_sizes": (32,) * 8, "activation": "logistic"}
WIDE_NORMAL = {"kernel_initializer": RandomNormal(stddev=1.0)}

SICK: tuple[Patient, ...] = (
    Patient("deep sigmoids", "digits", DEEP_SIGMOID, "vanishing_gradients"),
    Patient("deep sigmoids", "fashion", DEEP_SIGMOID, "vanishing_gradients"),
    Patient(
        "deep tanh, tiny weights",
        "digits",
        {"hidden_layer_sizes": (50,) * 10, "activation": "tanh", "kernel_initializer": RandomNormal(stddev=0.03)},
        "vanishing_gradients",
    ),
    Patient(
        "deep ReLU, wide weights", "digits", {"hidden_layer_sizes": (64,) * 8, **WIDE_NORMAL}, "exploding_gradients"
    ),
    Patient("deep ReLU, wide weights", "wine", {"hidden_layer_sizes": (64,) * 8, **WIDE_NORMAL}, "exploding_gradients"),
    Patient("ReLU, huge rate", "digits", {"hidden_layer_sizes": (64, 64), "learning_rate_init": 0.3}, "dying_relu"),
    Patient("ReLU, huge rate", "fashion", {"hidden_layer_sizes": (64, 64), "learning_rate_init": 0.1}, "dying_relu"),
    Patient(
        "tanh, wide weights",
        "digits",
        {"hidden_layer_sizes": (64, 64), "activation": "tanh", **WIDE_NORMAL},
        "saturated_units",
    ),
    Patient(
        "sigmoids, wide weights",
        "wine",
        {"hidden_layer_sizes": (64, 64), "activation": "logistic", "kernel_initializer": RandomNormal(stddev=5.0)},
        "saturated_units",
    ),
    Patient("Adam at 1", "breast_cancer", {"activation": "elu", "learning_rate_init": 1.0}, "learning_rate_too_high"),
    Patient(
        "Adam at 0.3",
        "diabetes",
        {"activation": "elu", "learning_rate_init": 0.3, "max_iter": 100},
        "learning_rate_too_high",
    ),
    Patient("Adam at a millionth", "digits", {"learning_rate_init": 1e-6}, "learning_rate_too_low"),
    Patient("SGD at 1e-5", "wine", {"solver": "sgd", "learning_rate_init": 1e-5}, "learning_rate_too_low"),
    Patient("SGD at 5", "diabetes", {"solver": "sgd", "learning_rate_init": 5.0}, "diverged"),
    Patient(
        "SGD at 1, deep",
        "diabetes",
        {"solver": "sgd", "learning_rate_init": 1.0, "hidden_layer_sizes": (100,) * 4},
        "diverged",
    ),
    Patient(
        "large net, 300 epochs",
        "diabetes",
        {"hidden_layer_sizes": (200, 200), "max_iter": 300},
        "validation_loss_rising",
    ),
    Patient(
        "200 rows, 300 epochs",
        "fashion",
        {"hidden_layer_sizes": (200,), "max_iter": 300},
        "validation_loss_rising",
        spoil=few(200),
    ),
    Patient("60 rows", "digits", {"hidden_layer_sizes": (200,), "max_iter": 300}, "overfitting", spoil=few(60)),
    Patient("raw columns", "breast_cancer", {}, "inputs_not_standardised", standardised=False),
    Patient("raw columns", "wine", {}, "inputs_not_standardised", standardised=False),
    Patient("raw pixels", "fashion", {}, "inputs_not_standardised", standardised=False),
    Patient("wild values", "breast_cancer", {}, "outliers", spoil=wild_values),
    Patient(
        "two units", "digits", {"hidden_layer_sizes": (2,), "max_iter": 200, "learning_rate_init": 0.01}, "underfitting"
    ),
    Patient("alpha of 1,000", "fashion", {"alpha": 1000.0}, "underfitting"),
    Patient("dropout of 0.9", "digits", {"hidden_layer_sizes": (32, 32), "dropout": 0.9}, "underfitting"),
    Patient("rare classes", "digits", {}, "class_imbalance", spoil=rare),
    Patient("a third of the labels wrong", "digits", {"hidden_layer_sizes": (200,)}, "label_noise", spoil=wrong_labels),
    Patient(
        "batch norm of two rows",
        "digits",
        {"hidden_layer_sizes": (64, 64), "normalization": "batch", "batch_size": 2, "max_iter": 10},
        "batch_norm_small_batches",
    ),
    Patient(
        "SELU, He's weights",
        "digits",
        {"hidden_layer_sizes": (64,) * 8, "activation": "selu", "kernel_initializer": "he_normal"},
        "selu_conditions_broken",
    ),
    Patient("three epochs", "digits", {"max_iter": 3}, "not_enough_epochs"),
    Patient(
        "five epochs", "fashion", {"solver": "sgd", "learning_rate_init": 0.005, "max_iter": 5}, "not_enough_epochs"
    ),
)

HEALTHY: tuple[Patient, ...] = (
    Patient("default", "digits", {}),
    Patient("default", "wine", {"max_iter": 100}),
    Patient("default", "breast_cancer", {"max_iter": 100}),
    Patient("default", "fashion", {"max_iter": 30}),
    Patient("alpha of 1", "diabetes", {"hidden_layer_sizes": (20,), "alpha": 1.0, "max_iter": 100}),
    Patient("early stopping", "diabetes", {"early_stopping": True, "max_iter": 200, "n_iter_no_change": 10}),
    Patient("early stopping", "breast_cancer", {"early_stopping": True, "max_iter": 200, "n_iter_no_change": 10}),
    Patient(
        "batch norm and dropout",
        "digits",
        {"hidden_layer_sizes": (64, 64), "normalization": "batch", "dropout": 0.2, "kernel_initializer": "auto"},
    ),
    Patient("SELU", "digits", {"hidden_layer_sizes": (64,) * 5, "activation": "selu", "kernel_initializer": "auto"}),
    Patient(
        "deep ELU with batch norm",
        "fashion",
        {
            "hidden_layer_sizes": (64,) * 8,
            "activation": "elu",
            "kernel_initializer": "auto",
            "normalization": "batch",
            "max_iter": 30,
        },
    ),
    Patient(
        "1cycle", "digits", {"solver": "sgd", "learning_rate": "onecycle", "learning_rate_init": 0.1, "max_iter": 30}
    ),
    Patient("tanh", "wine", {"hidden_layer_sizes": (32, 32), "activation": "tanh", "max_iter": 100}),
)
