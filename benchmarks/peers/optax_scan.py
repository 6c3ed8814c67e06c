"""The least one can write in JAX: Optax' Adam in a `lax.scan`, one dispatch per epoch, compiled for this data alone."""

from itertools import pairwise

import numpy as np

from benchmarks.workloads import ALPHA, LEARNING_RATE, Net

REQUIRES = ("jax", "optax")


class Trainer:
    def __init__(self, net: Net) -> None:
        import jax
        import optax

        if net.dtype == "float64":
            jax.config.update("jax_enable_x64", True)
        self.net = net
        self.jax = jax
        self.rng = np.random.RandomState(0)
        self.optimizer = optax.adam(LEARNING_RATE)
        self.epoch = jax.jit(self.one_epoch, donate_argnums=0)
        self.classes_of = jax.jit(lambda params, X: forward(params, X).argmax(1))

    def fit(self, X: np.ndarray, y: np.ndarray) -> None:
        params = self.draw(X.shape[1], int(y.max()) + 1)
        run = self.jax.device_put((params, self.optimizer.init(params)))
        X, y = self.jax.device_put((X, y.astype(np.int32)))
        for _ in range(self.net.epochs):
            run, loss = self.epoch(run, X, y, self.rng.permutation(len(X)).astype(np.int32))
            assert float(loss) >= 0
        self.params = run[0]

    def draw(self, inputs: int, classes: int) -> list[tuple[np.ndarray, np.ndarray]]:
        widths = [inputs, *self.net.hidden, classes]
        shapes = [(a, b, np.sqrt(6 / (a + b))) for a, b in pairwise(widths)]
        uniform = self.rng.uniform
        drawn = [(uniform(-s, s, (a, b)), uniform(-s, s, b)) for a, b, s in shapes]
        return [(W.astype(self.net.dtype), b.astype(self.net.dtype)) for W, b in drawn]

    def one_epoch(self, run, X, y, order):
        def step(run, rows):
            params, state = run
            loss, grads = self.jax.value_and_grad(loss_of)(params, X[rows], y[rows], self.net.batch)
            updates, state = self.optimizer.update(grads, state)
            return (self.jax.tree.map(lambda p, u: p + u, params, updates), state), loss * len(rows)

        full = len(order) // self.net.batch * self.net.batch
        run, losses = self.jax.lax.scan(step, run, order[:full].reshape(-1, self.net.batch))
        total = losses.sum()
        if full < len(order):  # the last short batch
            run, loss = step(run, order[full:])
            total += loss
        return run, total / len(order)

    def predict(self, X: np.ndarray) -> np.ndarray:
        return np.asarray(self.classes_of(self.params, X))


def forward(params, X):
    import jax

    for W, b in params[:-1]:
        X = jax.nn.relu(X @ W + b)
    W, b = params[-1]
    return X @ W + b


def loss_of(params, X, y, batch):
    import optax

    penalty = sum((W * W).sum() for W, _ in params) * (ALPHA / 2 / batch)
    return optax.softmax_cross_entropy_with_integer_labels(forward(params, X), y).mean() + penalty
