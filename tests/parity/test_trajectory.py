"""The whole trajectory against scikit-learn's: losses, scores, epochs and weights, from the same seed.

float64: 1e-9 relative, room for sums taken in another order over at most 50 epochs (1e-6 for L-BFGS, whose line search
amplifies such differences). float32: 1e-3 over the first 10 epochs, about 1,000 roundings of 6e-8 each.
"""

import itertools
import warnings

import numpy as np
import pytest
import sklearn
from sklearn import neural_network
from sklearn.base import is_classifier
from sklearn.datasets import load_diabetes, load_digits

import lamina

DIGITS = load_digits(return_X_y=True)
X_DIGITS, Y_DIGITS = DIGITS[0][:300] / 16.0, DIGITS[1][:300]
DIABETES = load_diabetes(return_X_y=True)
X_DIABETES = DIABETES[0][:250] / DIABETES[0].std(axis=0)
Y_DIABETES = (DIABETES[1][:250] - DIABETES[1].mean()) / DIABETES[1].std()

TARGETS = {
    "binary": ("MLPClassifier", X_DIGITS, Y_DIGITS > 4, {}),
    "multiclass": ("MLPClassifier", X_DIGITS, np.array(list("abcdefghij"))[Y_DIGITS], {}),
    "multilabel": (
        "MLPClassifier",
        X_DIGITS,
        np.column_stack([Y_DIGITS > 4, Y_DIGITS % 2, Y_DIGITS < 2]).astype(int),
        {},
    ),
    "regression": ("MLPRegressor", X_DIABETES, Y_DIABETES, {}),
    "multioutput": ("MLPRegressor", X_DIABETES, np.column_stack([Y_DIABETES, Y_DIABETES**2]), {}),
    "poisson": ("MLPRegressor", X_DIABETES, np.round(np.exp(Y_DIABETES)), {"loss": "poisson"}),
}
SOLVERS = {
    "adam": {"solver": "adam", "learning_rate_init": 0.01},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.05, "momentum": 0.8},
    "sgd-plain-invscaling": {
        "solver": "sgd",
        "learning_rate_init": 0.02,
        "learning_rate": "invscaling",
        "power_t": 0.3,
        "nesterovs_momentum": False,
    },
    "sgd-adaptive": {
        "solver": "sgd",
        "learning_rate": "adaptive",
        "learning_rate_init": 0.02,
        "tol": 0.02,
        "n_iter_no_change": 2,
    },
    "lbfgs": {"solver": "lbfgs"},
}
ACTIVATIONS = ("relu", "tanh", "logistic", "identity")

#: every target with every solver, activations and extras in turn
CASES = [
    (target, solver, ACTIVATIONS[i % 4], ("plain", "early", "weights", "both")[(i // 2) % 4])
    for i, (target, solver) in enumerate(itertools.product(TARGETS, SOLVERS))
]
CONTINUED = [
    (target, solver, how)
    for target, solver in itertools.product(
        ("binary", "multiclass", "regression"), ("adam", "sgd", "sgd-plain-invscaling")
    )
    for how in ("partial_fit", "warm_start")
]


def _pair(target, parameters):
    class_name, X, y, extra = TARGETS[target]
    build = {"hidden_layer_sizes": (13, 9), "random_state": 5, "batch_size": 64, **extra, **parameters}
    return getattr(neural_network, class_name)(**build), getattr(lamina, class_name)(**build), X, y


def _agree(theirs, ours, rtol):
    assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_allclose(ours.loss_, theirs.loss_, rtol=rtol)
    if theirs.solver != "lbfgs":
        np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=rtol)
        assert ours.t_ == theirs.t_
        for name in ("best_loss_", "best_validation_score_", "validation_scores_"):
            expected = getattr(theirs, name)
            assert (expected is None) == (getattr(ours, name) is None)
            if expected is not None:
                np.testing.assert_allclose(getattr(ours, name), expected, rtol=rtol, atol=rtol)
    for a, b in zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * np.abs(b).max())


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("target", "solver", "activation", "extra"), CASES)
def test_fit(target, solver, activation, extra):
    """Rows 1, 3, 7, 8, 47, 48, 51, 55, 61, 64, 75, 84, 124.

    Head and loss follow the targets; every solver and schedule that both have, stopping early or not, weighted or not.
    """
    lbfgs = solver == "lbfgs"
    parameters = {"activation": activation, "max_iter": 15 if lbfgs else 50, "alpha": 0.01, **SOLVERS[solver]}
    parameters["early_stopping"] = extra in ("early", "both")
    theirs, ours, X, y = _pair(target, parameters)
    if target == "multiclass" and parameters["early_stopping"] and sklearn.__version__.startswith("1.8."):
        y = Y_DIGITS  # scikit-learn 1.8's early stopping raises a TypeError on class labels that are strings
    weight = np.random.RandomState(0).uniform(0.2, 2, len(X)) if extra in ("weights", "both") else None
    theirs.fit(X, y, weight)
    ours.fit(X, y, weight)
    _agree(theirs, ours, 1e-6 if lbfgs else 1e-9)
    if is_classifier(theirs):
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    else:
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("target", "solver", "how"), CONTINUED)
def test_continued(target, solver, how):
    """Row 127: part by part and from where it was."""
    theirs, ours, X, y = _pair(target, {"max_iter": 4, "warm_start": how == "warm_start", **SOLVERS[solver]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the clipped batch of the short third part
        for model in (theirs, ours):
            for part in (slice(0, 150), slice(150, 250), slice(0, 60)):
                if how == "warm_start":
                    model.fit(X, y)
                elif is_classifier(model):
                    model.partial_fit(X[part], y[part], classes=np.unique(y))
                else:
                    model.partial_fit(X[part], y[part])
    _agree(theirs, ours, 1e-9)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("target", ["binary", "multiclass", "regression", "poisson"])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_float32(target, solver):
    """Row 137."""
    theirs, ours, X, y = _pair(target, {"max_iter": 10, **SOLVERS[solver]})
    theirs.fit(X.astype(np.float32), y)
    ours.fit(X.astype(np.float32), y)
    assert ours.coefs_[0].dtype == np.float32
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-3)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_generator_is_left_as_scikit_learn_leaves_it():
    """A RandomState given by the user has drawn just as many numbers, though epochs are drawn in advance."""
    theirs, ours, X, y = _pair("binary", {"max_iter": 200, "tol": 0.05, "n_iter_no_change": 2, **SOLVERS["adam"]})
    left = []
    for model in (theirs, ours):
        rng = np.random.RandomState(3)
        model.set_params(random_state=rng).fit(X, y)
        left.append((model.n_iter_, rng.randint(1 << 30)))
    assert left[0][0] < 200
    assert left[0] == left[1]
