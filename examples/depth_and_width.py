"""What depth buys: points on a line whose classes alternate, by one wide layer and by many narrow ones (row 13).

Telgarsky, "Representation benefits of deep feedforward networks" (2015): one ReLU layer of m units is a function of at
most m + 1 straight pieces, so it crosses 1/2 at most m + 1 times and errs on at least ``1/2 - (m + 2) / 2n`` of n
alternating points. Layers of two units that fold the line in the middle double the pieces each time: log2(n) layers
make no error. What a network can represent, training must still find: the last rows show what Adam does find, from
standardised inputs, and that more layers help it more than a wider one.
"""

import numpy as np

import lamina as keras
from examples.published import compare

#: each fold is the tent 2x below 1/2 and 2 - 2x above: ``2 relu(x) - 4 relu(x - 1/2)``
TENT = np.array([[2.0], [-4.0]])


def alternating(folds: int) -> tuple[np.ndarray, np.ndarray]:
    """Points 0, 1/n, 2/n, ... for n = 2^folds, of the classes 0, 1, 0, 1, ..."""
    n = 2**folds
    return (np.arange(n) / n)[:, None].astype(np.float32), np.arange(n) % 2


def folding_network(folds: int) -> keras.Sequential:
    """Hidden layers of two units whose weights are set by hand."""
    hidden = [keras.layers.Dense(2, activation="relu") for _ in range(folds)]
    model = keras.Sequential([keras.Input([1]), *hidden, keras.layers.Dense(1)])
    shift, copies = np.array([0.0, -0.5]), np.ones((1, 2))
    weights = [copies, shift]
    for _ in range(folds - 1):
        weights += [TENT @ copies, shift]
    model.set_weights([*weights, TENT, np.zeros(1)])
    return model


def trained_network(hidden: tuple[int, ...], X: np.ndarray, y: np.ndarray, epochs: int) -> keras.Sequential:
    """The same points, from random weights."""
    keras.utils.set_random_seed(42)
    layers = [keras.layers.Dense(units, activation="relu", kernel_initializer="he_normal") for units in hidden]
    model = keras.Sequential([keras.Input([1]), *layers, keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, y, batch_size=len(X), epochs=epochs, verbose=0)
    return model


def error(model: keras.Sequential, X: np.ndarray, y: np.ndarray) -> float:
    """Share of the points on the wrong side of 1/2."""
    return float(np.mean((model.predict(X)[:, 0] > 0.5) != y))


def main(folds: int = 6, epochs: int = 5000) -> None:
    X, y = alternating(folds)
    deep = folding_network(folds)
    width = (deep.count_params() - 1) // 3  # a unit of one layer has three parameters
    bound = 0.5 - (width + 2) / (2 * len(X))
    rows = [(f"{folds} layers of 2, {deep.count_params()} parameters, by hand", "0", f"{error(deep, X, y):.4f}")]
    trained = [((width,), f"at least {bound:.4f}"), ((2,) * folds, ""), ((2048,), ""), ((64,) * 3, ""), ((64,) * 5, "")]
    standardised = (X - X.mean()) / X.std()
    for hidden, published in trained:
        model = trained_network(hidden, standardised, y, epochs)
        what = f"{len(hidden)} of {hidden[0]}, {model.count_params()} parameters, trained"
        rows.append((what, published, f"{error(model, standardised, y):.4f}"))
    compare(f"Share of errors on {len(X)} alternating points", rows)


if __name__ == "__main__":
    main()
