"""What a probe measures: against NumPy by hand, finite differences and real steps. Rows 22, 41."""

from functools import partial

import jax
import numpy as np
import pytest

from lamina.engine.objective import objective
from lamina.engine.plan import Plan
from lamina.engine.precision import precision
from lamina.engine.probe import QUANTITIES
from lamina.engine.program import program_for
from lamina.engine.run import Data, fresh_optimizer_state, start_run
from lamina.engine.step import step
from lamina.layers import BatchNormalization, Dense, Dropout, Flatten, PReLU, Residual
from lamina.losses import LOSSES
from lamina.optimizers import SGD, Adam, AdamW, Muon

RNG = np.random.RandomState(0)
X = RNG.randn(12, 4)
Y = np.eye(3)[RNG.randint(0, 3, 12)]
WEIGHT = RNG.rand(12) + 0.5
SEED = np.array([3, 4], np.uint32)
ALPHA = 0.3


class Net:
    """A plan in float64 with its weights, and calls of the engine on it."""

    def __init__(self, layers, optimizer=None, x=X, y=Y, weight=WEIGHT, frozen=(), loss="log_loss"):
        self.layers = tuple((f"layer_{number}", layer) for number, layer in enumerate(layers))
        self.optimizer = optimizer or SGD(0.1)
        self.plan = Plan(self.layers, LOSSES[loss], (), self.optimizer.recipe(), "float64", frozen=frozen)
        self.batch = Data(x, y.astype(bool) if loss == "log_loss" else y, weight)
        rng, shape, self.params, self.state = np.random.RandomState(1), x.shape[1:], {}, {}
        for name, layer in self.layers:
            self.params[name], self.state[name], shape = layer.init(rng, shape)
            if "bias" in self.params[name]:
                self.params[name]["bias"] = rng.randn(layer.units) * 0.3
        self.optimizer_state = fresh_optimizer_state(self.plan, self.params, self.optimizer)
        schedules = self.optimizer.schedules(10)
        self.hyper = {name: schedule(np.zeros((1, 1)), np.zeros((1, 1)))[0, 0] for name, schedule in schedules.items()}
        self.hyper |= {f"{name}/{key}": value for name, layer in self.layers for key, value in layer.hyper().items()}
        self.hyper["alpha"] = ALPHA
        self.hyper = {name: np.float64(value) for name, value in self.hyper.items()}

    def probe(self):
        """The measurements by name, an array over layers each."""
        with precision("float64"):
            arrays = (self.params, self.state, self.optimizer_state, self.hyper, self.batch, SEED)
            measured = program_for(self.plan).probe(*arrays)
        return dict(zip(QUANTITIES, np.asarray(measured).T, strict=True))

    def step(self):
        """Train for one step on the same rows; how far the weights of each layer have moved."""
        with precision("float64"):
            run = start_run(self.plan, self.params, self.state, self.optimizer_state)
            n_rows = np.float64(len(self.batch.x))
            run, _, _ = jax.jit(partial(step, self.plan))(run, self.batch, n_rows, self.hyper, SEED)
        before, self.params = self.params, jax.tree.map(np.asarray, run.params)
        self.optimizer_state = run.optimizer
        moved = jax.tree.map(np.subtract, self.params, before)
        return [norm(*jax.tree.leaves(moved[name])) for name, _ in self.layers]

    def slopes(self, name):
        """The gradient of the objective by a layer's weights, by central differences."""
        with precision("float64"):
            loss = jax.jit(lambda params: objective(self.plan, params, *self._rest())[0])
            slopes = []
            for array in jax.tree.leaves(self.params[name]):
                for index in np.ndindex(array.shape):
                    kept, ends = array[index], []
                    for sign in (1, -1):
                        array[index] = kept + sign * 1e-6
                        ends.append(float(loss(self.params)))
                    array[index] = kept
                    slopes.append((ends[0] - ends[1]) / 2e-6)
        return np.array(slopes)

    def _rest(self):
        return self.state, self.batch, np.float64(len(self.batch.x)), self.hyper, SEED


def norm(*arrays):
    return np.sqrt(sum(np.sum(np.square(array)) for array in arrays)) if arrays else np.nan


def test_signals_and_gradients_by_hand():
    """A backward pass in NumPy: tanh, ReLU, softmax with cross-entropy, row weights, a penalty on kernels."""
    net = Net([Dense(6, "tanh"), Dense(5, "relu"), Dense(3)])
    (w1, b1), (w2, b2), (w3, b3) = ((p["kernel"], p["bias"]) for p in net.params.values())
    h1 = np.tanh(X @ w1 + b1)
    h2 = np.maximum(h1 @ w2 + b2, 0)
    z = h2 @ w3 + b3
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    total = WEIGHT.sum()
    dz = WEIGHT[:, None] * (p - Y) / total
    dh2 = dz @ w3.T
    d2 = dh2 * (h2 > 0)
    dh1 = d2 @ w2.T
    d1 = dh1 * (1 - h1**2)
    inputs, deltas, kernels = (X, h1, h2), (d1, d2, dz), (w1, w2, w3)
    grads = [(a.T @ d + ALPHA * w / total, d.sum(axis=0)) for a, d, w in zip(inputs, deltas, kernels, strict=True)]
    measured = net.probe()
    by_hand = {
        "activation_mean": [h.mean() for h in (h1, h2, z)],
        "activation_std": [h.std() for h in (h1, h2, z)],
        "signal_gradient_std": [d.std() for d in (dh1, dh2, dz)],
        "weight_norm": [norm(w1, b1), norm(w2, b2), norm(w3, b3)],
        "gradient_norm": [norm(*grad) for grad in grads],
        "update_norm": [0.1 * norm(*grad) for grad in grads],
    }
    for name, expected in by_hand.items():
        np.testing.assert_allclose(measured[name], expected, rtol=1e-10, err_msg=name)


NETS = {
    "batch norm": lambda: [Dense(5, use_bias=False), BatchNormalization(), Dense(4, "elu"), Dense(3)],
    "dropout": lambda: [Dense(6, "tanh"), Dropout(0.4), Dense(3)],
    "residual": lambda: [Dense(4, "selu"), Residual([Dense(4, "tanh"), PReLU()]), Dense(3)],
}


@pytest.mark.parametrize("kind", NETS)
def test_gradients_are_slopes(kind):
    """Central differences of step 1e-6 are good to about 1e-9 here; noise and batch statistics as in training."""
    net = Net(NETS[kind]())
    measured = net.probe()["gradient_norm"]
    for (name, _), size in zip(net.layers, measured, strict=True):
        if net.params[name]:
            assert size == pytest.approx(norm(net.slopes(name)), rel=1e-5)
        else:
            assert np.isnan(size)


OPTIMIZERS = {
    "momentum": lambda: SGD(0.1, momentum=0.9),
    "nesterov": lambda: SGD(0.1, momentum=0.9, nesterov=True, clipvalue=0.01),
    "adam": lambda: Adam(0.01),
    "clipnorm": lambda: SGD(0.5, clipnorm=0.01),
    "global clipnorm": lambda: Adam(0.01, global_clipnorm=0.1, use_ema=True),
    "decay": lambda: AdamW(0.01, weight_decay=0.5),
    "muon": lambda: Muon(0.01),
}


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_updates_are_those_of_the_next_step(kind):
    """Three steps: the optimizer's memory counts."""
    net = Net([Dense(5, "relu"), Dense(3, learning_rate_multiplier=0.5)], OPTIMIZERS[kind]())
    for _ in range(3):
        foreseen = net.probe()["update_norm"]
        np.testing.assert_allclose(foreseen, net.step(), rtol=1e-9)


def test_clipped_updates_by_hand():
    """``clipnorm`` holds for each array, so a layer with kernel and bias moves by at most rate · limit · √2."""
    measured = Net([Dense(5, "tanh"), Dense(3)], SGD(0.5, clipnorm=1e-4)).probe()
    np.testing.assert_allclose(measured["update_norm"], 0.5 * 1e-4 * np.sqrt(2), rtol=1e-9)


def test_dead_and_saturated_shares_by_hand():
    """A unit is dead if no row moves it; an output is saturated within 2.5 % of an end of the range."""
    net = Net([Dense(4, "relu"), Dense(5, "tanh"), Dense(2, "sigmoid"), Dense(3)])
    relu, tanh, sigmoid, _ = net.params.values()
    relu["bias"][:3] = [-100, -100, 100]
    tanh["kernel"] *= 0
    tanh["bias"][:] = [3, -3, 1.8, -1.8, 0]  # tanh(1.8) is 0.947
    sigmoid["kernel"] *= 0
    sigmoid["bias"][:] = [3.7, 3.6]  # the sigmoid is 0.9759 and 0.9734
    measured = net.probe()
    np.testing.assert_array_equal(measured["dead"], [0.5, 1, 1, 1])
    np.testing.assert_allclose(measured["saturated"], [np.nan, 0.4, 0.5, np.nan], rtol=1e-6)


def test_saturated_outputs_are_counted_over_rows_and_units():
    net = Net([Dense(7, "tanh", kernel_initializer="random_normal"), Dense(3)])
    net.params["layer_0"]["kernel"] *= 40
    outputs = np.tanh(X @ net.params["layer_0"]["kernel"] + net.params["layer_0"]["bias"])
    share = (np.abs(outputs) > 0.95).mean()
    assert 0.1 < share < 0.9
    assert net.probe()["saturated"][0] == pytest.approx(share)


def test_one_row_says_nothing_of_dead_units():
    measured = Net([Dense(4, "relu"), Dense(3)], x=X[:1], y=Y[:1], weight=WEIGHT[:1]).probe()
    assert np.isnan(measured["dead"]).all()
    assert np.isfinite(measured["gradient_norm"]).all()


def test_frozen_layers_have_signals_but_no_gradients():
    """A frozen batch normalisation uses its moving averages."""
    net = Net([Dense(4, "relu"), BatchNormalization(), Dense(3)], frozen=("layer_0", "layer_1"))
    net.state["layer_1"] = {"moving_mean": np.full(4, 2.0), "moving_variance": np.full(4, 4.0)}
    measured = net.probe()
    for name in ("gradient_norm", "update_norm"):
        np.testing.assert_array_equal(np.isnan(measured[name]), [True, True, False])
    assert measured["activation_mean"][1] == pytest.approx((measured["activation_mean"][0] - 2) / np.sqrt(4 + 1e-3))
    np.testing.assert_allclose(measured["weight_norm"], [norm(*p.values()) for p in net.params.values()])


def test_layers_without_weights_and_rows_of_several_axes():
    net = Net([Flatten(), Dense(1)], x=X.reshape(12, 2, 2), y=X[:, :1], loss="squared_error")
    measured = net.probe()
    assert measured["activation_std"][0] == pytest.approx(X.std())
    for name in ("weight_norm", "gradient_norm", "update_norm"):
        np.testing.assert_array_equal(np.isnan(measured[name]), [True, False])
