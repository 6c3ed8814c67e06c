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


@pytest.mark.parametrize(
    ("width", "settings"), [(13, {}), (14, {"solver": "lbfgs"}), (15, {"early_stopping": True, "solver": "sgd"})]
)
def test_first_fit_compiles_one_program(compiles, width, settings):
    """Everything from the rows to the fitted attributes is NumPy or that program: no small JAX operation in between."""
    model = MLPClassifier((width,), max_iter=2, random_state=0, **settings)
    with compiles() as seen:
        model.fit(X[:300], Y[:300])
    assert seen.count == 1
    with compiles() as seen:
        model.predict(X[:300])
        model.predict_proba(X[:300])
    assert seen.count == 1


def test_first_fit_of_validation_rows_compiles_one_program(compiles):
    """lbfgs, whose loop is SciPy's, has a second one that measures the validation rows."""
    valid = (X[300:400], Y[300:400])
    for solver, programs in (("sgd", 1), ("lbfgs", 2)):
        with compiles() as seen:
            MLPClassifier((16,), solver=solver, max_iter=2).fit(X[:300], Y[:300], validation_data=valid)
        assert seen.count == programs


def test_other_dtypes_come_back_to_what_is_compiled(fitted, compiles):
    """float32 and float64 alternate: each finds its own program again."""
    double = X[:1000].astype(np.float64)
    with compiles() as seen:
        model = clone(fitted).fit(double, Y[:1000])
        model.predict(double)
    assert seen.count == 2
    single = clone(fitted).fit(X[:1000], Y[:1000])
    single.predict(X[:1000])
    with compiles(at_most=0):
        for _ in range(2):
            clone(fitted).fit(double, Y[:1000]).predict(double)
            clone(fitted).fit(X[:1000], Y[:1000]).predict(X[:1000])
    assert model.coefs_[0].dtype == np.float64
    assert single.coefs_[0].dtype == np.float32


def test_hidden_activations_compile_once_per_bucket(fitted, compiles):
    with compiles() as seen:
        fitted.hidden_activations(X[:250])
    assert seen.count == 1
    with compiles(at_most=0):
        fitted.hidden_activations(X[:256])
        fitted.hidden_activations(X[:230], layer=0)


def test_partial_fit_compiles_once(fitted, compiles):
    """Also its first call compiles nothing after a `fit` of as many rows: it is the same program for one epoch."""
    model = clone(fitted)
    with compiles(at_most=0):
        model.partial_fit(X[:1000], Y[:1000], classes=range(10))
        model.partial_fit(X[:1000], Y[:1000])
        model.partial_fit(X[:980], Y[:980])
    assert model.t_ == 2980
