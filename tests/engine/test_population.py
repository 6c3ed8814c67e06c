"""Member k of a population equals the same run alone."""

import jax
import numpy as np
import pytest

from lamina.engine.buckets import bucket
from lamina.engine.loop import to_device
from lamina.engine.plan import Plan
from lamina.engine.precision import precision
from lamina.engine.program import program_for
from lamina.engine.run import Control, start_run
from lamina.layers import Dense, Dropout
from lamina.losses import LOSSES, Smoothed
from lamina.metrics import METRICS
from lamina.optimizers import Adam

MEMBERS, EPOCHS, STEPS, WIDTH = 4, 6, 5, 32


def _plan(dtype, noisy=False):
    hidden = (("dense", Dense(7, "relu")), *([("dropout", Dropout(0.5).recipe())] if noisy else []))
    return Plan(
        layers=(*hidden, ("dense_1", Dense(3))),
        loss=Smoothed(LOSSES["log_loss"], 0.5, 3).recipe() if noisy else LOSSES["log_loss"],
        metrics=(("score", METRICS["categorical_accuracy"]),),
        optimizer=Adam(),
        dtype=dtype,
        batch_width=WIDTH,
        validate=True,
        keep_best=True,
    )


def _member(plan, k, rng):
    """A member with its own seed, rows, learning rate, alpha, dropout, smoothing, number of rows and stop epoch."""
    own = np.random.RandomState(k)
    params, state, shape = {}, {}, (5,)
    for name, layer in plan.layers:
        params[name], state[name], shape = layer.init(own, shape)
    run = start_run(plan, params, state)
    dtype = run.params["dense"]["kernel"].dtype
    n_rows = (100, 140, 120, 90)[k]
    order = np.zeros((EPOCHS, STEPS * WIDTH), np.int32)
    for row in order:
        row[:n_rows] = own.permutation(160)[:n_rows]
    values = {"alpha": 10.0**-k, "learning_rate": 0.01 * (k + 1), "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}
    values |= {"dropout/rate": 0.1 * k, "loss/label_smoothing": 0.05 * k}
    hyper = np.tile([values[name] for name in plan.hyper_names], (EPOCHS, STEPS, 1)).astype(dtype)
    control = Control(
        np.int32(n_rows),
        np.int32(WIDTH),
        np.int32((6, 2, 6, 4)[k]),
        dtype.type((0, 0, 10, 0)[k]),
        dtype.type(1),
        np.bool_(False),
        np.bool_(False),
        seed=np.array([k, 7], np.uint32),
    )
    valid = to_device(plan, rng.randn(20, 5), np.eye(3, dtype=bool)[rng.randint(0, 3, 20)], None)
    return run, valid, order, hyper, control


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-12), ("float32", 2e-5)])
def test_member_equals_solo_run(dtype, rtol, noisy):
    """Tolerance: batched products sum in another order, over at most 30 steps."""
    rng, plan = np.random.RandomState(0), _plan(dtype, noisy)
    data = to_device(plan, rng.randn(160, 5), np.eye(3, dtype=bool)[rng.randint(0, 3, 160)], None)
    program = program_for(plan)
    members = [_member(plan, k, rng) for k in range(MEMBERS)]
    with precision(dtype):
        solo = [program.train(run, data, *rest) for run, *rest in members]
        run, *rest = jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *members)
        together, logs = program.train_population(run, data, *rest)
    epochs = [int(np.asarray(log)[:, plan.log_columns.index("ran")].sum()) for _, log in solo]
    assert epochs == [6, 2, 3, 4]  # the third runs out of patience (tol 10), the others out of epochs
    for k, (alone, log) in enumerate(solo):
        np.testing.assert_allclose(np.asarray(logs)[k], np.asarray(log), rtol=rtol, atol=rtol)
        for a, b in zip(jax.tree.leaves(together), jax.tree.leaves(alone)):
            np.testing.assert_allclose(np.asarray(a)[k], np.asarray(b), rtol=rtol, atol=rtol)


def test_members_share_rows():
    """The rows are on the device once, whatever the number of members."""
    plan = _plan("float32")
    data = to_device(plan, np.zeros((160, 5)), np.zeros((160, 3), bool), None)
    assert data.x.shape == (bucket(160), 5)
