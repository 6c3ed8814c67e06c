"""One step: gradients against finite differences, padded rows without influence."""

import jax
import numpy as np
import pytest

from lamina.engine.plan import Plan
from lamina.engine.precision import precision
from lamina.engine.program import program_for
from lamina.engine.run import Data
from lamina.layers import Dense
from lamina.losses import LOSSES
from lamina.optimizers import SGD

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
