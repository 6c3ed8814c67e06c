"""Compilations are counted: what is a traced value compiles nothing."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score

from lamina import MLPClassifier
from lamina.callbacks import EarlyStopping

X, Y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def fitted():
    return MLPClassifier((12,), solver="sgd", max_iter=3, random_state=0, batch_size=50).fit(X[:1000], Y[:1000])


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"learning_rate_init": 0.3},
        {"alpha": 0.5},
        {"random_state": 7},
        {"momentum": 0.1},
        {"max_iter": 11},
        {"tol": 0.1},
        {"n_iter_no_change": 2},
        {"learning_rate": "adaptive"},
        {"learning_rate": "invscaling", "power_t": 0.1},
        {"shuffle": False},
    ],
)
def test_values_compile_nothing(fitted, compiles, change):
    changed = clone(fitted).set_params(**change)
    with compiles(at_most=0):
        changed.fit(X[:1000], Y[:1000])


@pytest.mark.parametrize("rows", [900, 901, 977, 1024])
def test_rows_of_the_same_bucket_compile_nothing(fitted, compiles, rows):
    with compiles(at_most=0):
        clone(fitted).fit(X[:rows], Y[:rows])


def test_callbacks_that_act_compile_nothing(fitted, compiles):
    with compiles(at_most=0):
        clone(fitted).fit(X[:1000], Y[:1000], callbacks=[EarlyStopping("loss")])


def test_another_architecture_does_compile(fitted, compiles):
    """The count can fail: a new plan is one new program."""
    with pytest.raises(AssertionError), compiles(at_most=0):
        clone(fitted).set_params(hidden_layer_sizes=(11,)).fit(X[:1000], Y[:1000])


def test_folds_compile_once(compiles):
    model = MLPClassifier((9,), max_iter=2, random_state=0)
    cross_val_score(model, X[:403], Y[:403], cv=3)
    with compiles(at_most=0):
        cross_val_score(model.set_params(learning_rate_init=0.1), X[:403], Y[:403], cv=3)


def test_prediction_compiles_once_per_bucket(fitted, compiles):
    fitted.predict(X[:500])
    with compiles(at_most=0):
        fitted.predict(X[:510])
        fitted.predict_proba(X[:490])
