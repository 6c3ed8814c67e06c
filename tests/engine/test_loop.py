"""The fit loop: what schedules are asked, and optimizers of every kind in it."""

import gc
import weakref

import numpy as np
import optax
import pytest

from lamina.callbacks import Callback, CallbackList, History
from lamina.engine import loop
from lamina.engine.buckets import pad_rows
from lamina.engine.loop import Task, dispatch_inputs, fit_loop, to_device
from lamina.engine.orders import Orders
from lamina.engine.plan import Plan
from lamina.engine.probe import QUANTITIES, Probe
from lamina.engine.program import program_for
from lamina.engine.run import Control, Data, fresh_optimizer_state, start_run
from lamina.layers import Dense
from lamina.losses import LOSSES
from lamina.optimizers import OPTIMIZERS, SGD, Adagrad, Optax
from lamina.optimizers.schedules import OneCycle, constant

ROWS, BATCH, EPOCHS = 50, 8, 3
STEPS = 7  # per epoch; the last one is short


def _task(optimizer, frozen=(), seed=0):
    rng = np.random.RandomState(seed)
    layers = (("dense", Dense(6, "relu")), ("dense_1", Dense(1)))
    plan = Plan(layers, LOSSES["squared_error"], (), optimizer.recipe(), batch_width=BATCH, frozen=frozen)
    params, shape = {}, (4,)
    for name, layer in layers:
        params[name], _, shape = layer.init(rng, shape)
    X = rng.randn(ROWS, 4)
    state = {name: {} for name, _ in layers}
    return Task(
        program=program_for(plan),
        run=start_run(plan, params, state, fresh_optimizer_state(plan, params, optimizer)),
        data=to_device(plan, X, X[:, :1] - 2 * X[:, 1:2], None),
        valid=None,
        orders=Orders(np.arange(ROWS), rng, True),
        schedules={"alpha": constant(0.0)} | optimizer.schedules(total_steps=EPOCHS * STEPS),
        control=Control(
            np.int32(ROWS),
            np.int32(BATCH),
            np.int32(1),
            np.float32(0),
            np.float32(np.inf),
            np.bool_(False),
            np.bool_(False),
        ),
    )


def test_rows_of_the_last_fit_are_gone_before_new_ones_come(monkeypatch):
    """JAX keeps memory that it shared until a collection; a second fit would need as much again."""
    buffers, alive = [], []

    def watched(array, rows, dtype=None):
        alive.append(sum(buffer() is not None for buffer in buffers))
        padded = pad_rows(array, rows, dtype)
        buffers.append(weakref.ref(padded.base))
        return padded

    monkeypatch.setattr(loop, "pad_rows", watched)
    plan, X = _task(SGD(0.1)).program.plan, np.ones((5000, 40), np.float32)
    gc.disable()  # no collection by chance
    try:
        for _ in range(2):
            alive.clear()
            to_device(plan, X, X[:, :1], None)
    finally:
        gc.enable()
    assert alive[0] == 0


def test_schedules_are_asked_about_true_steps_only():
    """50 rows are padded to a bucket of 56, but steps count on from epoch to epoch, and none is beyond the end."""
    asked = []

    def rate(step):
        asked.append(int(step))
        return 0.01 * step

    task = _task(SGD(rate))
    _, hyper, _ = dispatch_inputs(task.program.plan, task, epoch=1, n=2, chunk=4)
    column = task.program.plan.hyper_names.index("learning_rate")
    np.testing.assert_allclose(hyper[:2, :STEPS, column].ravel(), 0.01 * np.arange(STEPS, 3 * STEPS), rtol=1e-6)
    assert asked == list(range(STEPS, 3 * STEPS))
    assert hyper.shape[0] == 4


class Probing(Callback):
    """Measures every layer on a few rows."""

    only_watches = True

    def __init__(self, n_rows):
        x = np.random.RandomState(9).randn(n_rows, 4).astype(np.float32)
        self._probe = Probe(Data(x, x[:, :1], np.ones(n_rows, np.float32)), np.array([1, 2], np.uint32))
        self.samples = []

    def _take_sample(self, sample):
        self.samples.append(sample)


def test_layers_are_measured_inside_the_epochs(monkeypatch):
    """In one dispatch for all epochs; the last sample is that of a probe of the final run at the last step's rate."""
    task, few, more, dispatches = _task(SGD(OneCycle(0.02))), Probing(5), Probing(9), []
    program, train = task.program, task.program.train
    monkeypatch.setattr(program, "train", lambda *inputs: dispatches.append(1) or train(*inputs))
    task.callbacks = CallbackList([few, History(), more])
    run, _ = fit_loop(task, EPOCHS)
    assert len(dispatches) == 1
    assert [sample.shape for sample in few.samples] == [(2, len(QUANTITIES))] * EPOCHS
    last = np.full((1, 1), EPOCHS * STEPS - 1)
    values = {name: np.float32(schedule(last, last)[0, 0]) for name, schedule in task.schedules.items()}
    for probing in (few, more):
        expected = program.probe(run.params, run.state, run.optimizer, values, *probing._probe)
        np.testing.assert_allclose(probing.samples[-1], expected, rtol=1e-5)


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_every_optimizer_lowers_the_loss(name):
    """Rows 47, 49-54, 56."""
    optimizer = OPTIMIZERS[name](0.02, clipnorm=5.0, use_ema=True)
    task = _task(optimizer)
    run, _ = fit_loop(task, EPOCHS)
    assert task.history["loss"][-1] < 0.98 * task.history["loss"][0]
    averaged = optimizer.averaged(run.params, run.optimizer)
    assert np.abs(np.asarray(averaged["dense"]["kernel"]) - np.asarray(run.params["dense"]["kernel"])).max() > 0


def test_new_numbers_compile_nothing(compiles):
    fit_loop(_task(SGD(OneCycle(0.02), clipnorm=5.0)), EPOCHS)
    with compiles(at_most=0):
        fit_loop(_task(SGD(lambda step: 0.1 / (1 + step), momentum=0.5, clipnorm=1.0), seed=1), EPOCHS)


def test_frozen_layers_have_no_optimizer_state():
    task = _task(Adagrad(0.1, use_ema=True), frozen=("dense",))
    before = np.array(task.run.params["dense"]["kernel"])
    assert task.run.optimizer.average.keys() == {"dense_1"}
    run, _ = fit_loop(task, EPOCHS)
    np.testing.assert_array_equal(np.asarray(run.params["dense"]["kernel"]), before)
    assert task.history["loss"][-1] < task.history["loss"][0]


def test_a_transformation_of_optax():
    """Row 49."""
    task = _task(Optax(optax.chain(optax.clip_by_global_norm(5.0), optax.adagrad(0.1))))
    fit_loop(task, EPOCHS)
    assert task.history["loss"][-1] < task.history["loss"][0]
