"""Metrics of the batches as they pass, with losses and metrics of every kind."""

import numpy as np
import pytest

from lamina import losses, metrics
from lamina.engine.loop import to_device
from lamina.engine.plan import Plan
from lamina.engine.program import program_for
from lamina.engine.run import Control, start_run
from lamina.layers import Dense
from lamina.losses import with_link
from lamina.optimizers import SGD

RNG = np.random.RandomState(0)
ROWS, WIDTH = 100, 32
X = RNG.randn(ROWS, 5)
WEIGHT = RNG.uniform(0.5, 2, ROWS)
LABELS = RNG.randint(0, 3, ROWS)


@pytest.mark.parametrize(
    ("loss", "activation", "y", "names"),
    [
        ("sparse_categorical_crossentropy", "softmax", LABELS, ["accuracy", "ce", "sparse_top_k_categorical_accuracy"]),
        ("categorical_crossentropy", "softmax", np.eye(3)[LABELS], ["accuracy", "f1", "auc", "precision", "recall"]),
        ("binary_crossentropy", "sigmoid", np.eye(3)[LABELS], ["accuracy", metrics.AUC(curve="PR", name="area")]),
        ("huber", "identity", RNG.randn(ROWS, 3), ["mae", "rmse", "r2_score", "cosine_similarity"]),
    ],
)
def test_metrics_of_batches_equal_those_of_all_rows(loss, activation, y, names):
    """With a learning rate of 0 nothing moves between the batches. float32: sums of 100 terms, in other groups."""
    given = losses.get(loss)
    n_targets = y.shape[-1] if y.ndim > 1 else 1
    plan = Plan(
        layers=(("dense", Dense(3)),),
        loss=with_link(given, activation),
        metrics=tuple(metrics.resolve(name, given, 3, n_targets) for name in names),
        optimizer=SGD(),
        batch_width=WIDTH,
        validate=True,
        train_metrics=True,
    )
    params, _, _ = plan.layers[0][1].init(np.random.RandomState(0), (5,))
    data = to_device(plan, X, y, WEIGHT)
    order = np.zeros((1, 4 * WIDTH), np.int32)
    order[0, :ROWS] = RNG.permutation(ROWS)
    hyper = np.zeros((1, 4, len(plan.hyper_names)), np.float32)
    control = Control(*map(np.int32, (ROWS, WIDTH, 1)), np.float32(0), np.float32(9), np.bool_(False), np.bool_(False))
    run = start_run(plan, {"dense": params}, {"dense": {}})
    _, log = program_for(plan).train(run, data, data, order, hyper, control)
    logs = dict(zip(plan.log_columns, np.asarray(log)[0]))
    for name, _ in plan.metrics:
        np.testing.assert_allclose(logs[name], logs[f"val_{name}"], rtol=2e-5)
