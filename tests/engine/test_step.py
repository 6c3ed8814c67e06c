"""One step: gradients against finite differences, padded rows without influence."""

from functools import partial

import jax
import numpy as np
import pytest

from lamina.constraints import MaxNorm
from lamina.engine.objective import objective, regularization
from lamina.engine.plan import Plan
from lamina.engine.precision import precision
from lamina.engine.program import program_for
from lamina.engine.run import Data, fresh_optimizer_state, split_frozen, start_run
from lamina.engine.step import constrained, multiplied, step
from lamina.layers import BatchNormalization, Dense, Dropout, PReLU, Residual
from lamina.losses import LOSSES
from lamina.optimizers import SGD
from lamina.regularizers import L2

RNG = np.random.RandomState(0)
X = RNG.randn(8, 4)
WEIGHT = np.array([1, 2, 0.5, 1, 1, 0, 0, 0])  # the last three rows are padding
TARGETS = {
    "log_loss": np.eye(3)[RNG.randint(0, 3, 8)].astype(bool),
    "binary_log_loss": RNG.rand(8, 2) > 0.5,
    "squared_error": RNG.randn(8, 1),
    "poisson": RNG.poisson(2.0, (8, 2)).astype(float),
}


def _loss_and_grad(loss, activation, x=X, weight=WEIGHT):
    y = TARGETS[loss]
    layers = (("dense", Dense(5, activation)), ("dense_1", Dense(y.shape[1])))
    program = program_for(Plan(layers, LOSSES[loss], (), SGD(), "float64"))
    rng, shape, params = np.random.RandomState(1), (4,), {}
    for name, layer in layers:
        params[name], _, shape = layer.init(rng, shape)
        params[name]["bias"] = rng.randn(layer.units) * 0.3
    state = {name: {} for name, _ in layers}

    def call(params):
        with precision("float64"):
            value, grad = program.loss_and_grad(params, state, Data(x, y, weight), len(x), {"alpha": 0.1})
        return float(value), jax.tree.map(np.asarray, grad)

    return call, params


@pytest.mark.parametrize("loss", TARGETS)
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity", "gelu", "leaky_relu"])
def test_gradient_is_the_slope_of_the_loss(loss, activation):
    """Central differences of step 1e-6 are good to about 1e-9 here; 1e-6 leaves room for curvature."""
    call, params = _loss_and_grad(loss, activation)
    _, grad = call(params)
    for name in params:
        for key, array in params[name].items():
            for index in list(np.ndindex(array.shape))[::3]:
                slopes = []
                for sign in (1, -1):
                    moved = {n: {k: v.copy() for k, v in layer.items()} for n, layer in params.items()}
                    moved[name][key][index] += sign * 1e-6
                    slopes.append(call(moved)[0])
                np.testing.assert_allclose(grad[name][key][index], (slopes[0] - slopes[1]) / 2e-6, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("loss", TARGETS)
def test_padded_rows_have_no_influence(loss):
    garbage = X.copy()
    garbage[5:] = 1e3
    for value, other in zip(_run(loss, X), _run(loss, garbage)):
        np.testing.assert_array_equal(value, other)


def _run(loss, x):
    call, params = _loss_and_grad(loss, "tanh", x)
    value, grad = call(params)
    return [value, *jax.tree.leaves(grad)]


def test_every_loss_is_covered():
    assert set(TARGETS) == set(LOSSES)


def _network(*layers, frozen=(), dtype="float64"):
    """A plan of bare layers as a model makes it, its first run, and its values."""
    named = tuple((f"layer_{k}", layer) for k, layer in enumerate(layers))
    bare = tuple((name, layer.recipe()) for name, layer in named)
    plan = Plan(bare, LOSSES["squared_error"], (), SGD().recipe(), dtype, frozen=frozen)
    rng, shape, params, state = np.random.RandomState(1), (4,), {}, {}
    for name, layer in named:
        params[name], state[name], shape = layer.init(rng, shape)
    values = {f"{name}/{key}": value for name, layer in named for key, value in layer.hyper().items()}
    hyper = {"alpha": 0.0, "learning_rate": 0.1, "momentum": 0.0} | values
    optimizer = fresh_optimizer_state(plan, split_frozen(plan, params)[1])
    return plan, start_run(plan, params, state, optimizer), {name: hyper[name] for name in plan.hyper_names}


def _batch():
    return Data(X, TARGETS["squared_error"], WEIGHT)


def _loss(plan, run, hyper):
    return float(objective(plan, run.params, run.state, _batch(), len(X), hyper)[0])


def test_regularizers_are_added_as_they_are_and_count_when_frozen():
    """Not divided by the rows' weight, unlike alpha."""
    bare = _network(Dense(5, "tanh"), Dense(1))
    ours = _network(
        Dense(5, "tanh", kernel_regularizer="l2", bias_regularizer=lambda b: (b**2 + 1).sum()),
        Dense(1, kernel_regularizer="l1"),
        frozen=("layer_0",),
    )
    params = ours[1].params
    expected = 0.01 * np.sum(params["layer_0"]["kernel"] ** 2) + 5 + 0.01 * np.abs(params["layer_1"]["kernel"]).sum()
    with precision("float64"):
        np.testing.assert_allclose(_loss(*ours) - _loss(*bare), expected, rtol=1e-12)


def test_layers_without_regularizers_or_constraints_cost_nothing():
    plan, run, hyper = _network(Dense(5, "tanh"), BatchNormalization(), Residual([Dense(5)]), Dense(1))
    assert regularization(plan, run.params, hyper) == []
    after = constrained(plan, run.params, hyper)
    assert all(a is b for a, b in zip(jax.tree.leaves(after), jax.tree.leaves(run.params), strict=True))


def test_constraints_act_after_the_update_on_layers_that_move():
    make = partial(Dense, 5, kernel_constraint="non_neg", bias_constraint="non_neg", bias_initializer="normal")
    plan, run, hyper = _network(make(), make(), Dense(1), frozen=("layer_0",))
    with precision("float64"):
        after, *_ = step(plan, run, _batch(), len(X), hyper, np.zeros(2, np.uint32))
    moved, kept = (jax.tree.map(np.asarray, after.params[name]) for name in ("layer_1", "layer_0"))
    assert min(array.min() for array in moved.values()) == 0
    np.testing.assert_array_equal(kept["kernel"], run.params["layer_0"]["kernel"])
    assert run.params["layer_0"]["kernel"].min() < 0


def test_nested_layers_learn_and_new_values_compile_nothing(compiles):
    """Weights, statistics, noise, penalties and constraints within a block; all their numbers are traced."""

    def network(rate, factor, limit):
        block = Residual(
            [
                Dense(6, kernel_regularizer=L2(factor), kernel_constraint=MaxNorm(limit)),
                BatchNormalization(),
                PReLU(),
                Residual([Dropout(rate), Dense(6, "tanh")]),
                Dense(4),
            ]
        )
        return _network(block, Dense(1), dtype="float32")

    plan, run, hyper = network(0.1, 0.001, 3.0)
    assert plan == network(0.5, 0.1, 1.0)[0]
    assert "layer_0/layers/3/layers/0/rate" in plan.hyper_names
    compiled = jax.jit(partial(step, plan))
    batch = jax.tree.map(lambda a: np.asarray(a, np.float32), _batch())
    losses = []
    for k in range(60):
        run, loss, _ = compiled(run, batch, np.int32(len(X)), hyper, np.array([1, k], np.uint32))
        losses.append(float(loss))
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
    other = network(0.5, 0.1, 1.0)[2]
    with compiles(at_most=0):
        run, *_ = compiled(run, batch, np.int32(len(X)), other, np.array([1, 99], np.uint32))
    norms = np.linalg.norm(run.params["layer_0"]["0"]["kernel"], axis=0)
    assert norms.max() < 1 + 1e-5
    assert (run.state["layer_0"]["1"]["moving_mean"] != 0).any()


def _changes(plan, run, hyper):
    """How far one step moves each layer's weights, in float64."""
    with precision("float64"):
        after, *_ = step(plan, run, _batch(), len(X), hyper, np.zeros(2, np.uint32))
        return jax.tree.map(lambda a, b: np.asarray(a - b), after.params, run.params)


def test_learning_rate_multipliers():
    """Row 58: changes of plain SGD are multiples of the rate, in a block of layers too."""

    def network(outer=None, inner=None, last=None):
        block = Residual([Dense(6, "tanh"), Dense(4, learning_rate_multiplier=inner)], learning_rate_multiplier=outer)
        return _network(block, Dense(1, learning_rate_multiplier=last))

    plain, slow = _changes(*network()), _changes(*network(0.5, 0.1, 0.0))
    for key in ("kernel", "bias"):
        np.testing.assert_allclose(slow["layer_0"]["0"][key], 0.5 * plain["layer_0"]["0"][key], rtol=1e-12)
        np.testing.assert_allclose(slow["layer_0"]["1"][key], 0.05 * plain["layer_0"]["1"][key], rtol=1e-12)
        np.testing.assert_array_equal(slow["layer_1"][key], 0)
        assert plain["layer_1"][key].any()
    plan, _, hyper = network(0.5, 0.1, 0.2)
    assert plan == network(1.0, 2.0, 3.0)[0]  # new factors, the same program
    assert hyper["layer_0/layers/1/learning_rate_multiplier"] == 0.1


def test_without_multipliers_the_program_is_the_same():
    """Row 58: nothing is multiplied in a layer without a factor, and no layer has one unless it is given."""
    plan, _, hyper = _network(Dense(5, "tanh"), Residual([Dense(5)]), Dense(1))
    assert multiplied(plan, hyper) is None
    plan, run, hyper = _network(Dense(5), Dense(1, learning_rate_multiplier=0.5))
    changes = multiplied(plan, hyper)(run.params)
    assert changes["layer_0"]["kernel"] is run.params["layer_0"]["kernel"]
    assert changes["layer_1"]["kernel"] is not run.params["layer_1"]["kernel"]
