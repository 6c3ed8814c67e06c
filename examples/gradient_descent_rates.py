"""Ten steps of gradient descent with three learning rates: good, too small, too large (row 47).

A house price is predicted as w times the number of rooms, from w = 0. Published: plots without numbers in Tavenard,
"Introduction to Deep Learning" (lecture notes), chapter 1. The formula gives the same w, here in brackets. The loss
there is the sum over all rows; ours is their mean, so ours takes the rate times their number.
"""

import numpy as np

import lamina as keras
from examples.boston import load
from examples.published import compare


def by_formula(x: np.ndarray, y: np.ndarray, rate: float, steps: int) -> float:
    """Each step multiplies the distance to the best w by ``1 - 2 rate Σx²``."""
    best, curvature = x @ y / (x @ x), 2 * x @ x
    return best * (1 - (1 - rate * curvature) ** steps)


def by_training(x: np.ndarray, y: np.ndarray, rate: float, steps: int) -> float:
    """One unit without a bias; every batch holds all rows."""
    model = keras.Sequential([keras.Input([1]), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(rate * len(x)), "mse")
    model.fit(x[:, None], y, batch_size=len(x), epochs=steps, verbose=0)
    return model.get_weights()[0].item()


def main(steps: int = 10) -> None:
    X, y = load("RM")
    x = X[:, 0].astype(np.float64)
    rows = [("best w", "about 4", f"{x @ y / (x @ x):.4f}")]
    for rate, published in ((1e-5, "near the best"), (1e-6, "still far"), (5e-5, "diverges slowly")):
        here = f"{by_training(x, y, rate, steps):.4f} ({by_formula(x, y, rate, steps):.4f})"
        rows.append((f"w after {steps} steps, rate {rate:g}", published, here))
    compare("Gradient descent on one weight", rows)


if __name__ == "__main__":
    main()
