"""An estimator's solver and learning rate: single steps by hand, and rates against their formulas."""

import numpy as np
import pytest

import lamina
from lamina import MLPClassifier, MLPRegressor
from lamina.errors import InvalidParameter
from lamina.optimizers import OPTIMIZERS, SGD, Adagrad, RMSprop
from lamina.optimizers.schedules import ExponentialDecay, OneCycle

RNG = np.random.RandomState(0)
X = RNG.randn(100, 3)
Y = X[:, 0] - 2 * X[:, 1] + 5
#: steps of 40, 40 and 20 rows
SMALL = {"hidden_layer_sizes": (4,), "random_state": 0, "n_iter_no_change": 1000, "alpha": 0.0, "batch_size": 40}
RATE = 0.05

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# -- one step by hand -----------------------------------------------------------------------------------------------


def weights_of(**changes):
    """Weights and biases after a training on whole batches by plain gradient descent."""
    plain = {"activation": "tanh", "solver": "sgd", "momentum": 0.0, "learning_rate_init": RATE, "max_iter": 1}
    net = MLPRegressor(**SMALL | {"batch_size": 100, "shuffle": False} | plain | changes).fit(X, Y)
    return [*net.coefs_, *net.intercepts_]


@pytest.fixture(scope="module")
def start():
    with np.errstate(all="ignore"):
        return weights_of(learning_rate_init=1e-300)


@pytest.fixture(scope="module")
def gradient(start):
    """Of half the mean square, by the chain rule."""
    w, v, b, c = start
    hidden = np.tanh(X @ w + b)
    outer = (hidden @ v + c - Y[:, None]) / len(Y)
    inner = outer @ v.T * (1 - hidden**2)
    return [X.T @ inner, hidden.T @ outer, inner.sum(axis=0), outer.sum(axis=0)]


def assert_step(found, start, change, decay=0.0):
    """1e-9: 64-bit sums in another order."""
    for ours, w, g in zip(found, start, change, strict=True):
        np.testing.assert_allclose(ours, w * (1 - RATE * decay) - RATE * g, rtol=1e-9, atol=1e-12)


def test_plain_step(start, gradient):
    """Row 47: what the other steps differ from."""
    assert_step(weights_of(), start, gradient)


def test_clipnorm(start, gradient):
    """Row 40: of all weights together; a limit above the norm changes nothing."""
    norm = np.sqrt(sum((g**2).sum() for g in gradient))
    assert norm > 1
    assert_step(weights_of(clipnorm=0.5), start, [g * 0.5 / norm for g in gradient])
    assert_step(weights_of(clipnorm=norm * 2), start, gradient)


def test_clipvalue(start, gradient):
    """Row 39."""
    assert max(np.abs(g).max() for g in gradient) > 0.3
    assert_step(weights_of(clipvalue=0.3), start, [np.clip(g, -0.3, 0.3) for g in gradient])


def test_weight_decay(start, gradient):
    """Row 54: off the weights, not into the gradient."""
    assert_step(weights_of(weight_decay=0.7), start, gradient, decay=0.7)


def test_running_average():
    """Row 57: of the weights after one, two and three steps."""
    first, second, third = (weights_of(max_iter=epochs) for epochs in (1, 2, 3))
    for ours, a, b, c in zip(weights_of(max_iter=3, ema=0.6), first, second, third):
        np.testing.assert_allclose(ours, 0.6 * (0.6 * a + 0.4 * b) + 0.4 * c, rtol=1e-9)  # 64-bit sums


# -- solvers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", sorted(OPTIMIZERS))
def test_every_solver_learns(solver):
    """Rows 47-54, 56: the loss falls by a tenth at least."""
    net = MLPRegressor(**SMALL, solver=solver, learning_rate_init=0.01, max_iter=20).fit(X, Y)
    assert net.loss_curve_[-1] < 0.9 * net.loss_curve_[0]


@pytest.mark.parametrize(
    ("name", "same"),
    [("adagrad", Adagrad(RATE, epsilon=1e-8)), ("rmsprop", RMSprop(RATE, epsilon=1e-8))],
)
def test_names_and_objects(name, same):
    """Rows 49, 50: a name takes the estimator's numbers."""
    named = MLPRegressor(**SMALL, solver=name, learning_rate_init=RATE, max_iter=3).fit(X, Y)
    given = MLPRegressor(**SMALL, solver=same, max_iter=3).fit(X, Y)
    np.testing.assert_allclose(given.coefs_[0], named.coefs_[0], rtol=1e-12)


@pytest.mark.parametrize(("name", "nesterov"), [("momentum", False), ("nesterov", True)])
@pytest.mark.parametrize("rate", ["constant", "invscaling", "onecycle"])
def test_names_of_momentum(name, nesterov, rate):
    """Rows 47, 48: "sgd" with the one momentum or the other, whatever `nesterovs_momentum` says."""
    settings = SMALL | {"learning_rate": rate, "learning_rate_init": RATE, "momentum": 0.7, "max_iter": 3}
    named = MLPRegressor(**settings, solver=name, nesterovs_momentum=not nesterov).fit(X, Y)
    like = MLPRegressor(**settings, solver="sgd", nesterovs_momentum=nesterov).fit(X, Y)
    np.testing.assert_array_equal(named.coefs_[0], like.coefs_[0])


def test_an_object_as_solver(compiles, tmp_path):
    """Rows 48, 72: kept in a file, and another rate compiles nothing."""
    settings = SMALL | {"max_iter": 3}
    net = MLPRegressor(**settings, solver=SGD(RATE, momentum=0.9, nesterov=True)).fit(X, Y)
    like = MLPRegressor(**settings, solver="sgd", learning_rate_init=RATE).fit(X, Y)
    np.testing.assert_allclose(net.coefs_[0], like.coefs_[0], rtol=1e-12)
    with compiles(at_most=0):
        MLPRegressor(**settings, solver=SGD(RATE / 2, momentum=0.5, nesterov=True)).fit(X, Y)
    net.save(tmp_path / "net.lamina")
    back = lamina.load(tmp_path / "net.lamina")
    assert back.solver == net.solver
    np.testing.assert_array_equal(back.partial_fit(X, Y).coefs_[0], net.partial_fit(X, Y).coefs_[0])


# -- learning rates -------------------------------------------------------------------------------------------------

EPOCHS, STEPS = 10, 30
FIRST = 3 * np.arange(EPOCHS)  # the first step of each epoch, whose rate is in the history
FORMULAS = {
    "constant": np.full(EPOCHS, RATE),
    "onecycle": np.interp(FIRST, [0, 12.5, 25, 29], [RATE / 10, RATE, RATE / 10, RATE / 10_000]),
    "cosine": RATE * (1 + np.cos(np.pi * FIRST / STEPS)) / 2,
    "exponential": RATE * 0.01 ** (FIRST / STEPS),
    "linear": RATE * (1 - FIRST / STEPS),
}


@pytest.mark.parametrize("solver", ["adam", "sgd", "nadam"])
@pytest.mark.parametrize("name", FORMULAS)
def test_learning_rates_by_name(name, solver):
    """Rows 62, 65, 67, 68, 73: over 30 steps; 1e-12: 64 bits."""
    net = MLPRegressor(**SMALL, solver=solver, learning_rate=name, learning_rate_init=RATE, max_iter=EPOCHS).fit(X, Y)
    np.testing.assert_allclose(net.history_["learning_rate"], FORMULAS[name], rtol=1e-12)


@pytest.mark.parametrize("solver", ["nadam", "sgd"])
def test_plateau(solver):
    """Row 64: after the first epoch no improvement is enough, so the rate falls every second one, until it may not."""
    stale = SMALL | {"tol": 1e6, "n_iter_no_change": 1, "max_iter": 40}
    net = MLPRegressor(**stale, solver=solver, learning_rate="plateau", learning_rate_init=RATE).fit(X, Y)
    np.testing.assert_allclose(
        net.history_["learning_rate"][:7], RATE / 5.0 ** (np.arange(-1, 6).clip(0) // 2), rtol=1e-12
    )
    assert "Learning rate too small" in net.stop_reason_


def test_learning_rates_of_a_users_own():
    """Row 71: an object, and any function of the step."""
    for rate in (ExponentialDecay(RATE, 7, 0.5), lambda step: RATE * 0.5 ** (step / 7)):
        net = MLPRegressor(**SMALL, learning_rate=rate, max_iter=EPOCHS).fit(X, Y)
        np.testing.assert_allclose(net.history_["learning_rate"], RATE * 0.5 ** (FIRST / 7), rtol=1e-12)


def test_names_of_learning_rates_compile_nothing(compiles):
    """Row 73: the rates of the steps are data, whatever the rule."""
    MLPRegressor(**SMALL, max_iter=2).fit(X, Y)
    with compiles(at_most=0):
        for name in ("cosine", "exponential", "linear", ExponentialDecay(0.1, 5, 0.5)):
            MLPRegressor(**SMALL, learning_rate=name, max_iter=3).fit(X, Y)


def test_one_cycle_moves_the_momentum():
    """Row 66: like the schedule object given to the optimizer, and unlike a constant momentum."""
    settings = SMALL | {"max_iter": 4}
    named = MLPRegressor(**settings, solver="sgd", learning_rate="onecycle", learning_rate_init=RATE).fit(X, Y)
    given = MLPRegressor(**settings, solver=SGD(OneCycle(RATE), momentum=0.9, nesterov=True)).fit(X, Y)
    still = MLPRegressor(**settings, solver=SGD(OneCycle(RATE, max_momentum=None), momentum=0.9, nesterov=True))
    np.testing.assert_allclose(given.coefs_[0], named.coefs_[0], rtol=1e-12)
    assert not np.allclose(still.fit(X, Y).coefs_[0], named.coefs_[0])


def test_functions_cannot_be_saved(tmp_path):
    net = MLPClassifier(**SMALL, learning_rate=lambda step: 0.1, max_iter=1).fit(X, Y > 5)
    with pytest.raises(InvalidParameter, match="a function"):
        net.save(tmp_path / "net.lamina")
