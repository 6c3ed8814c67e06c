"""Input gradients against finite differences, permutation importance, and scikit-learn's selection of columns."""

import functools

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lamina import MLPClassifier, MLPRegressor
from lamina.errors import DataError, InvalidParameter, UnknownName
from lamina.inspection import input_gradients
from lamina.layers import BatchNormalization, Dense, Dropout, Flatten
from lamina.models import Sequential

#: the class is the largest of the first three columns; the other nine are noise
X = np.random.RandomState(0).randn(400, 12)
Y = X[:, :3].argmax(axis=1)
INFORMATIVE = np.arange(12) < 3
NEW = X[:20]

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def classifier():
    return MLPClassifier(
        (16,), activation="tanh", learning_rate_init=0.01, max_iter=60, random_state=0, normalization="batch"
    ).fit(X, Y)


@pytest.fixture(scope="module")
def images():
    """A model of rows of shape (3, 2), in double precision so that differences are exact to nine digits."""
    layers = [Flatten(input_shape=(3, 2)), Dense(8, "tanh"), BatchNormalization(), Dropout(0.5), Dense(3, "softmax")]
    return Sequential(layers, dtype="float64")


def differences(predict, x, step=1e-5):
    """Central differences of every output by every number of a row: (outputs, rows, ...)."""
    found = np.empty((predict(x).shape[1], *x.shape))
    for place in np.ndindex(*x.shape[1:]):
        nudge = np.zeros(x.shape)
        nudge[(slice(None), *place)] = step
        found[(slice(None), slice(None), *place)] = ((predict(x + nudge) - predict(x - nudge)) / (2 * step)).T
    return found


def of_largest(slopes, outputs):
    return slopes[outputs.argmax(axis=1), np.arange(len(outputs))]


def test_estimator_against_finite_differences(classifier):
    """Row 149: all probabilities, and that of the class that wins."""
    slopes = differences(classifier.predict_proba, NEW)
    np.testing.assert_allclose(input_gradients(classifier, NEW), np.abs(slopes).mean(axis=(0, 1)), rtol=1e-7)
    winner = np.abs(of_largest(slopes, classifier.predict_proba(NEW))).mean(axis=0)
    np.testing.assert_allclose(input_gradients(classifier, NEW, output="largest"), winner, rtol=1e-7)


def test_model_against_finite_differences(images):
    """Row 149: an image of importances; dropout is off."""
    x = np.random.RandomState(0).randn(9, 3, 2)
    slopes = differences(images.predict, x)
    np.testing.assert_allclose(input_gradients(images, x), np.abs(slopes).mean(axis=(0, 1)), rtol=1e-7)
    winner = np.abs(of_largest(slopes, images.predict(x))).mean(axis=0)
    np.testing.assert_allclose(input_gradients(images, x, output="largest"), winner, rtol=1e-7)


def test_units_cancel_against_the_deviation():
    """Row 149: a column in thousandths has a thousandth of the slope; times its deviation nothing changes."""
    units = np.array([1.0, 1000.0, 0.01])
    rows = np.random.RandomState(0).randn(50, 3)
    model = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", max_iter=20, random_state=0).fit(
        rows, rows.sum(axis=1)
    )
    scaled = clone(model).fit(rows, rows.sum(axis=1))
    scaled.coefs_[0] = model.coefs_[0] / units[:, None]
    np.testing.assert_allclose(input_gradients(scaled, rows * units), input_gradients(model, rows) / units)
    np.testing.assert_allclose(
        input_gradients(scaled, rows * units, times_deviation=True), input_gradients(model, rows) * rows.std(axis=0)
    )


def test_any_form_of_rows(classifier):
    expected = input_gradients(classifier, NEW, times_deviation=True)
    np.testing.assert_allclose(input_gradients(classifier, csr_matrix(NEW), times_deviation=True), expected)
    named = clone(classifier).set_params(max_iter=1).fit(pd.DataFrame(X).rename(columns=str), Y)
    assert input_gradients(named, pd.DataFrame(NEW).rename(columns=str)).shape == (12,)
    assert named.feature_importances_.shape == (12,)  # without a warning of missing names


def test_compiled_once(classifier, compiles):
    """New weights and a near number of rows compile nothing."""
    input_gradients(classifier, NEW)
    other = clone(classifier).set_params(random_state=1, max_iter=1).fit(X, Y)
    with compiles(at_most=0):
        input_gradients(other, NEW[:18])


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ((LogisticRegression(), X), InvalidParameter, "type LogisticRegression. Expected an MLPClassifier"),
        ((MLPClassifier(), X), NotFittedError, "not fitted"),
        ((Sequential([Dense(1, input_shape=(12,))]), X[:0]), DataError, "no rows"),
    ],
)
def test_what_cannot_be_measured(arguments, error, says):
    with pytest.raises(error, match=says):
        input_gradients(*arguments)


def test_a_wrong_output_name(classifier):
    with pytest.raises(UnknownName, match='Did you mean "largest"'):
        input_gradients(classifier, X, output="largst")


def test_importances_are_shares(classifier):
    shares = classifier.feature_importances_
    np.testing.assert_allclose(shares.sum(), 1)
    slopes = np.abs(differences(classifier.predict_proba, np.random.RandomState(0).standard_normal((256, 12))))
    slopes = slopes.mean(axis=(0, 1))
    np.testing.assert_allclose(shares, slopes / slopes.sum(), rtol=1e-7)
    assert not hasattr(MLPClassifier(), "feature_importances_")


def test_selection_finds_the_informative_columns(classifier):
    """Row 149: scikit-learn's selectors read the importances of the fitted network."""
    np.testing.assert_array_equal(SelectFromModel(classifier, prefit=True).get_support(), INFORMATIVE)
    regression = MLPRegressor(hidden_layer_sizes=(8,), solver="lbfgs", max_iter=50, random_state=0)
    target = X[:, 2] + np.sin(X[:, 5])
    chosen = RFE(regression, n_features_to_select=2, step=5).fit(X, target).get_support(indices=True)
    np.testing.assert_array_equal(chosen, [2, 5])


def test_selection_inside_a_pipeline(classifier):
    """Row 149: each fold selects by its own network."""
    pipe = make_pipeline(StandardScaler(), SelectFromModel(clone(classifier)), LogisticRegression())
    assert cross_val_score(pipe, X * 50 + 7, Y, cv=2).min() > 0.6


def test_selection_by_given_rows(classifier):
    """Row 149: measured on rows, a constant column has no importance, however large its first weights."""
    rows = np.column_stack([X * 10.0, np.ones(len(X))])
    network = clone(classifier).fit(rows, Y)
    getter = functools.partial(input_gradients, X=rows, times_deviation=True)
    selector = SelectFromModel(clone(network), importance_getter=getter).fit(rows, Y)
    np.testing.assert_array_equal(selector.get_support(), [*INFORMATIVE, False])
    assert getter(network)[-1] == 0 < network.feature_importances_[-1]


def test_permutation_importance_takes_both_doors(classifier):
    """Row 149: scikit-learn's function, on an estimator and on a model with a score."""
    found = permutation_importance(classifier, X, Y, n_repeats=3, random_state=0).importances_mean
    assert found[INFORMATIVE].min() > found[~INFORMATIVE].max()

    model = classifier.model_
    model.compile(loss="sparse_categorical_crossentropy")

    def scoring(model, X, y):
        return -model.evaluate(X, y, verbose=0)

    found = permutation_importance(model, X, Y, scoring=scoring, n_repeats=3, random_state=0).importances_mean
    assert found[INFORMATIVE].min() > found[~INFORMATIVE].max()
