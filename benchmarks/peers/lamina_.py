"""lamina, with exactly the settings that scikit-learn gets."""

from benchmarks.peers import scikit_learn
from benchmarks.workloads import Net

REQUIRES = ("jax", "optax", "scikit-learn", "numpy")


class Trainer(scikit_learn.Trainer):
    def __init__(self, net: Net) -> None:
        from lamina import MLPClassifier

        self.epochs = net.epochs
        self.model = MLPClassifier(**scikit_learn.settings(net))
