"""The learning-rate finder: it finds good rates, and leaves no trace."""

import copy
import warnings

import jax
import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning

import lamina as keras
from lamina import MLPClassifier, MLPRegressor
from lamina.errors import InvalidParameter
from lamina.inspection import find_learning_rate
from lamina.optimizers import SGD

X, Y = load_digits(return_X_y=True)
X = ((X - X.mean()) / X.std()).astype(np.float32)


def model(optimizer=None):
    net = keras.Sequential([keras.layers.Dense(32, "relu", input_shape=(64,)), keras.layers.Dense(10, "softmax")])
    net.compile(optimizer or SGD(0.01, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return net


@pytest.fixture(scope="module")
def found():
    return find_learning_rate(MLPClassifier((32,), random_state=0), X, Y, max_rate=1000.0)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_suggestion_trains_well(found):
    """Row 70: after 5 epochs, better than a tenth and ten times of it."""
    losses = [
        MLPClassifier((32,), random_state=0, max_iter=5, learning_rate_init=found.suggestion * factor).fit(X, Y).loss_
        for factor in (0.1, 1, 10)
    ]
    assert losses[1] < 0.5 * min(losses[0], losses[2])


def test_curve(found):
    """Row 69: rates grow by the same factor, the first loss is that of guessing, and it ends when it shoots up."""
    np.testing.assert_allclose(np.diff(np.log(found.rates)), np.log(1e9) / 199, rtol=1e-9)
    assert found.rates[0] == 1e-6
    assert 2 < found.losses[0] < 4
    assert found.losses.min() < 0.5
    assert found.losses[-20:].max() > 2 * found.losses[0]
    assert len(found.losses) == len(found.rates) == len(found.smoothed) < 200


def test_a_second_call_compiles_nothing(found, compiles):
    """Row 69: other limits, another number of steps, other rows, another seed."""
    with compiles(at_most=0):
        again = find_learning_rate(
            MLPClassifier((32,), random_state=1, alpha=0.01), X[:1795], Y[:1795], min_rate=1e-4, max_rate=1, n_steps=90
        )
    assert len(again.rates) <= 90


def leaves(tree):
    return [np.array(leaf) for leaf in jax.tree.leaves(tree)]


def test_an_estimator_stays_as_it_is():
    """Row 69: parameters, weights, and the generator it would draw from, its own or NumPy's."""
    rng = np.random.RandomState(5)
    clf = MLPClassifier((32,), random_state=rng)
    before, state = clf.get_params(), rng.get_state()[1].copy()
    first = find_learning_rate(clf, X, Y)
    assert (rng.get_state()[1] == state).all()
    assert clf.get_params() == before
    assert set(vars(clf)) == set(before)
    np.testing.assert_array_equal(find_learning_rate(clf, X, Y).losses, first.losses)
    clf.set_params(random_state=None)
    state = np.random.get_state()[1].copy()
    find_learning_rate(clf, X, Y, n_steps=30)
    assert (np.random.get_state()[1] == state).all()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_fitted_estimator_goes_on_from_its_weights_with_warm_start():
    """Row 69: the loss begins where the training ended; without, where any training begins."""
    clf = MLPClassifier((32,), random_state=0, max_iter=20).fit(X, Y)
    before = copy.deepcopy(vars(clf))
    fresh = find_learning_rate(clf, X, Y, n_steps=30)
    warm = find_learning_rate(clf.set_params(warm_start=True), X, Y, n_steps=30)
    assert fresh.losses[0] > 2
    assert warm.losses[0] == pytest.approx(clf.loss_, rel=0.5)
    assert set(vars(clf)) == set(before)
    assert all((a == b).all() for a, b in zip(clf.coefs_, before["coefs_"]))
    assert (clf.history_["loss"] == before["history_"]["loss"]).all()


def test_a_model_stays_as_it_is():
    """Row 69: its weights, its optimizer, what that remembers, and NumPy's generator; it starts where the model is."""
    net = model()
    net.fit(X, Y, epochs=2, batch_size=64, verbose=0)
    before = leaves(net.get_weights()), leaves(net.optimizer_state), net.optimizer.iterations, net.get_metrics_result()
    state = np.random.get_state()[1].copy()
    found = find_learning_rate(net, X, Y, min_rate=1e-5, n_steps=60)
    after = leaves(net.get_weights()), leaves(net.optimizer_state), net.optimizer.iterations, net.get_metrics_result()
    assert (np.random.get_state()[1] == state).all()
    assert net.optimizer.learning_rate == 0.01
    for old, new in zip(before[:2], after[:2]):
        assert all((a == b).all() for a, b in zip(old, new))
    assert before[2:] == after[2:]
    assert found.losses[:5].mean() == pytest.approx(net.evaluate(X, Y)[0], rel=0.5)


@pytest.mark.parametrize("optimizer", ["adam", SGD(keras.optimizers.schedules.OneCycle(0.1, 100), momentum=0.9)])
def test_models_with_other_optimizers(optimizer):
    """Row 69: a schedule gives way to the rates that are tried."""
    found = find_learning_rate(model(optimizer), X, Y)
    assert found.losses.min() < 0.7 * found.losses[0]
    assert 1e-4 < found.suggestion < 1


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "settings",
    [
        {"early_stopping": True},
        {"solver": "sgd", "learning_rate": "onecycle"},
        {"dropout": 0.1, "class_weight": "balanced", "batch_size": 64},
    ],
)
def test_find_is_the_finder_and_leaves_the_training_alone(settings):
    """Row 70: `fit` finds the same number, and then trains as with that number given."""
    settings = {"hidden_layer_sizes": (16,), "random_state": 0, "max_iter": 3, **settings}
    clf = MLPClassifier(learning_rate_init="find", **settings).fit(X, Y)
    found = find_learning_rate(MLPClassifier(**settings), X, Y)
    one_cycle = settings.get("learning_rate") == "onecycle"
    assert clf.learning_rate_init_ == (found.max_rate_for_one_cycle if one_cycle else found.suggestion)
    given = MLPClassifier(**settings | {"learning_rate_init": clf.learning_rate_init_}).fit(X, Y)
    assert given.loss_curve_ == clf.loss_curve_
    assert given.learning_rate_init_ == given.learning_rate_init


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_regression():
    """Rows 69, 70."""
    y = X @ np.random.RandomState(0).standard_normal(64)
    net = MLPRegressor(hidden_layer_sizes=(32,), random_state=0, max_iter=20, learning_rate_init="find").fit(
        X, y / y.std()
    )
    assert net.score(X, y / y.std()) > 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_steps": 5}, "n_steps to be a whole number at least 20"),
        ({"min_rate": 0}, "min_rate to be a number above 0"),
        ({"min_rate": 1, "max_rate": 0.1}, "max_rate to be a number above 1"),
        ({"batch_size": 10}, "batch_size of its own"),
        ({"model": MLPClassifier(solver="lbfgs")}, "no learning rate"),
        ({"model": "clf"}, "type str"),
        ({"model": keras.Sequential([keras.layers.Dense(2)])}, "compile"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(InvalidParameter, match=message):
        find_learning_rate(**{"model": MLPClassifier(), "X": X, "y": Y} | arguments)


def test_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        find_learning_rate(MLPClassifier((8,), learning_rate_init="find", max_iter=1), X, Y, n_steps=20)
