"""How good the rates are that the learning-rate finder suggests: `python -m benchmarks.learning_rate_finder`.

Small networks are trained for 20 epochs with each suggestion and with rates from 1e-5 to 10; what counts is the
training loss at the end, as a multiple of the best one's.
"""

import itertools
import warnings
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.preprocessing import scale

from lamina import MLPClassifier, MLPRegressor
from lamina.errors import DivergenceError
from lamina.inspection import find_learning_rate

DATA = {"digits": load_digits, "breast_cancer": load_breast_cancer, "wine": load_wine, "diabetes": load_diabetes}
NETS = (
    ("adam", "relu", (100,)),
    ("adam", "relu", (64,) * 5),
    ("sgd", "relu", (100,)),
    ("sgd", "relu", (64,) * 5),
    ("adam", "logistic", (32,)),
    ("sgd", "tanh", (64, 64)),
    ("rmsprop", "elu", (64, 64)),
)
BATCHES = (32, 200)
SCHEDULES = ("constant", "onecycle")
RATES = 10.0 ** np.arange(-5, 1.01, 0.5)
SUGGESTIONS = ("turning_point", "suggestion", "below_blow_up", "steepest", "valley")
#: losses below are as good as this
GOOD = 1e-3


def main() -> None:
    warnings.simplefilter("ignore")
    multiples: dict[tuple[str, str], list[float]] = {}
    for data, net, batch_size in itertools.product(DATA, NETS, BATCHES):
        X, y = DATA[data](return_X_y=True)
        X, kind = scale(X).astype("float32"), MLPClassifier
        if data == "diabetes":
            y, kind = scale(y), MLPRegressor
        solver, activation, sizes = net
        model = kind(
            hidden_layer_sizes=sizes, solver=solver, activation=activation, batch_size=min(batch_size, len(X)),
            max_iter=20, n_iter_no_change=np.inf, random_state=0,
        )  # fmt: skip
        found = find_learning_rate(model, X, y)
        rates = {name: getattr(found, name) for name in SUGGESTIONS} | {"0.001": 0.001, "0.01": 0.01}
        for schedule in SCHEDULES:
            model.set_params(learning_rate=schedule)
            best = min(loss_with(model, rate, X, y) for rate in RATES)
            for name, rate in rates.items():
                multiples.setdefault((name, schedule), []).append(loss_with(model, rate, X, y) / best)
    print("| rate | " + " | ".join(f"{schedule}: median, upper quartile" for schedule in SCHEDULES) + " |")
    print("|---|" + "---|" * len(SCHEDULES))
    for name in rates:
        cells = (np.percentile(multiples[name, schedule], (50, 75)) for schedule in SCHEDULES)
        print(f"| `{name}` | " + " | ".join(f"{median:.3g}, {upper:.3g}" for median, upper in cells) + " |")


def loss_with(model: Any, rate: float, X: np.ndarray, y: np.ndarray) -> float:
    """The training loss after a training at a rate; infinite where it diverges."""
    try:
        return max(model.set_params(learning_rate_init=rate).fit(X, y).loss_, GOOD)
    except DivergenceError:
        return np.inf


if __name__ == "__main__":
    main()
