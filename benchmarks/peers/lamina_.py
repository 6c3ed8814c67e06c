"""lamina, with exactly the settings that scikit-learn gets."""

import numpy as np

from benchmarks.peers import scikit_learn
from benchmarks.workloads import DROPOUT, MAX_RATE, MOMENTUM, Net

REQUIRES = ("jax", "optax", "scikit-learn", "numpy")


#: parameters of the recipes beside scikit-learn's
RECIPES = {
    "plain": {},
    "dropout": {"dropout": DROPOUT},
    "batch norm": {"normalization": "batch"},
    "onecycle": {"learning_rate": "onecycle"},
    "gradient flow": {},
    "deep": {
        "activation": "elu",
        "kernel_initializer": "he_normal",
        "normalization": "batch",
        "dropout": DROPOUT,
        "solver": "sgd",
        "momentum": MOMENTUM,
        "learning_rate": "onecycle",
        "learning_rate_init": MAX_RATE,
    },
}


class Trainer(scikit_learn.Trainer):
    def __init__(self, net: Net) -> None:
        from lamina import MLPClassifier

        self.epochs, self.recipe = net.epochs, net.recipe
        self.model = MLPClassifier(**scikit_learn.settings(net) | RECIPES[net.recipe])

    def extras(self, X: np.ndarray, y: np.ndarray) -> dict[str, object]:
        if self.recipe != "gradient flow":
            return {}
        from lamina.inspection import GradientFlow

        return {"callbacks": [GradientFlow(X, y)]}
