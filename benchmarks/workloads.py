"""What is measured: the nets, the data, and the ratios to reach."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

ALPHA = 1e-4  # scikit-learn's default penalty; every peer has it
LEARNING_RATE = 1e-3
DROPOUT = 0.2
#: of the deep recipe: 1cycle's largest learning rate, and Nesterov's momentum
MAX_RATE, MOMENTUM = 0.05, 0.9
FIT_TARGETS = MappingProxyType({"scikit-learn": 2.5, "pytorch": 2.0, "keras": 1.4, "optax": 1.0})
NO_TARGETS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Net:
    """One training job: a net of ReLU layers under Adam, the rows shuffled anew for each epoch.

    `recipe` adds to it: "dropout" or "batch norm" in every hidden layer, "onecycle", a learning rate and a momentum
    that change with every step, or "deep", which is ELU, He, the first two, and Nesterov's SGD with 1cycle.
    """

    data: str
    rows: int
    hidden: tuple[int, ...]
    batch: int
    epochs: int
    dtype: str = "float32"
    recipe: str = "plain"

    @property
    def steps(self) -> int:
        return self.epochs * -(-self.rows // self.batch)


@dataclass(frozen=True)
class Work:
    """One line of the results. `kind` says how `measure.py` runs it."""

    group: str
    title: str
    kind: str  # fit | features | predict-one | predict-many | first-fit | import | two-at-once
    net: Net
    targets: Mapping[str, float] = field(default_factory=lambda: NO_TARGETS)
    only: tuple[str, ...] = ()


W1 = Net("digits", 1797, (256, 128, 64), batch=200, epochs=100)
W2 = Net("fashion", 8000, (100, 100), batch=200, epochs=50)
W3 = Net("fashion", 60_000, (300, 100), batch=128, epochs=5)
W4 = {batch: Net("fashion", 1500, (500,), batch, epochs) for batch, epochs in ((1, 1), (10, 5), (100, 40), (1500, 100))}
W5 = Net("fashion", 8000, (100,) * 10, batch=128, epochs=5, recipe="deep")
W6 = Net("iris", 150, (100,), batch=32, epochs=200)


def in_float64(net: Net) -> Net:
    return replace(net, dtype="float64")


def sklearn_at_least(ratio: float) -> Mapping[str, float]:
    return MappingProxyType({"scikit-learn": ratio, "optax": 1.0})


WORK: tuple[Work, ...] = (
    Work("W1", "digits (256, 128, 64), batch 200", "fit", W1, FIT_TARGETS),
    Work("W1", "digits (256, 128, 64), batch 200, float64", "fit", in_float64(W1), sklearn_at_least(1.0)),
    Work("W1", "digits, first fit in a fresh process", "first-fit", W1, only=("lamina", "scikit-learn")),
    Work("W1", "digits, two processes at once", "two-at-once", W1),
    Work(
        "W1",
        "digits, what a technique costs",
        "features",
        W1,
        {"dropout": 1.1, "batch norm": 1.3, "onecycle": 1.05, "gradient flow": 1.1},
        ("lamina",),
    ),
    Work("W2", "Fashion 8,000 rows (100, 100), batch 200", "fit", W2, FIT_TARGETS),
    Work("W2", "Fashion 8,000 rows (100, 100), batch 200, float64", "fit", in_float64(W2), sklearn_at_least(1.0)),
    Work("W3", "Fashion 60,000 rows (300, 100), batch 128", "fit", W3, {**FIT_TARGETS, "scikit-learn": 4.0}),
    Work("W3", "Fashion 60,000 rows (300, 100), batch 128, float64", "fit", in_float64(W3), sklearn_at_least(1.0)),
    Work("W4", "Fashion 1,500 rows (500,), batch 1", "fit", W4[1], sklearn_at_least(8.0)),
    Work("W4", "Fashion 1,500 rows (500,), batch 10", "fit", W4[10], sklearn_at_least(5.0)),
    Work("W4", "Fashion 1,500 rows (500,), batch 100", "fit", W4[100], sklearn_at_least(2.5)),
    Work("W4", "Fashion 1,500 rows (500,), batch 1,500", "fit", W4[1500], {"optax": 1.0}),
    Work(
        "W5",
        "Fashion 8,000 rows, ten layers of 100, ELU, batch norm, dropout, 1cycle",
        "fit",
        W5,
        {"pytorch": 5.0, "keras": 1.8},
        ("lamina", "pytorch", "keras"),
    ),
    Work("W6", "iris (100,), batch 32", "fit", W6, sklearn_at_least(7.0)),
    Work("W6", "iris, first fit in a fresh process", "first-fit", W6, only=("lamina", "scikit-learn")),
    Work("W7", "predict one row", "predict-one", W1, {"scikit-learn": 1.0}),
    Work("W7", "predict 100,000 rows", "predict-many", W1, {"scikit-learn": 1.3}),
    Work("import", "import", "import", W6),
)
GROUPS = tuple(dict.fromkeys(work.group for work in WORK))


def load(net: Net) -> tuple[np.ndarray, np.ndarray]:
    """Rows in [0, 1] or of unit variance, in the dtype of the net, and integer classes."""
    X, y = LOADERS[net.data](net.rows)
    return np.ascontiguousarray(X, dtype=net.dtype), y.astype(np.int64)


def digits(rows: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return X[:rows] / 16, y[:rows]


def iris(rows: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_iris

    X, y = load_iris(return_X_y=True)
    return ((X - X.mean(0)) / X.std(0))[:rows], y[:rows]


def fashion(rows: int) -> tuple[np.ndarray, np.ndarray]:
    from lamina.datasets import fashion_mnist

    (X, y), _ = fashion_mnist.load_data()
    return X[:rows].reshape(rows, -1).astype(np.float32) / np.float32(255), y[:rows].astype(np.int64)


LOADERS: dict[str, Callable[[int], tuple[np.ndarray, np.ndarray]]] = {
    "digits": digits,
    "iris": iris,
    "fashion": fashion,
}
