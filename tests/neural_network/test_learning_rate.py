"""``learning_rate_init="find"`` in estimators."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from lamina import MLPClassifier, MLPRegressor, load
from lamina.errors import InvalidParameter, UnknownName
from lamina.optimizers import SGD
from lamina.optimizers.schedules import CosineDecay

X, Y = load_iris(return_X_y=True)
X = scale(X)
SMALL = {"hidden_layer_sizes": (8,), "random_state": 0, "max_iter": 2}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def fitted():
    return MLPClassifier(**SMALL, learning_rate_init="find").fit(X, Y)


def test_what_is_found_is_kept_beside_the_parameter(fitted):
    """Row 70."""
    assert fitted.learning_rate_init == "find"
    assert isinstance(fitted.learning_rate_init_, float)
    assert fitted.history_["learning_rate"][0] == pytest.approx(fitted.learning_rate_init_)
    assert clone(fitted).learning_rate_init == "find"
    assert MLPRegressor(**SMALL, learning_rate_init=0.5).fit(X, Y).learning_rate_init_ == 0.5


def test_the_same_seed_finds_the_same(fitted):
    """Row 70: a second fit too."""
    assert clone(fitted).fit(X, Y).learning_rate_init_ == fitted.learning_rate_init_
    again = copy.deepcopy(fitted).fit(X, Y)
    assert again.loss_curve_ == fitted.loss_curve_


def test_files(fitted, tmp_path):
    """Row 70: a loaded estimator goes on with what was found."""
    fitted.save(tmp_path / "model.lamina")
    loaded = load(tmp_path / "model.lamina")
    for other in (loaded, pickle.loads(pickle.dumps(fitted))):
        assert other.learning_rate_init == "find"
        assert other.learning_rate_init_ == fitted.learning_rate_init_
        np.testing.assert_array_equal(other.predict_proba(X), fitted.predict_proba(X))
    expected = copy.deepcopy(fitted).partial_fit(X, Y)
    assert loaded.partial_fit(X, Y).loss_ == expected.loss_


def test_partial_fit_finds_once():
    """Row 70: on the rows of the first call; the next ones go on with it."""
    clf = MLPClassifier(**SMALL, learning_rate_init="find").partial_fit(X, Y, classes=[0, 1, 2])
    first = clf.learning_rate_init_
    clf.partial_fit(X[:100], Y[:100])
    assert clf.learning_rate_init_ == first
    assert (clf.history_["learning_rate"] == np.float64(first)).all()
    clf.set_params(learning_rate_init=0.25).partial_fit(X, Y)
    assert clf.history_["learning_rate"][-1] == 0.25


def test_warm_start_finds_anew_from_the_present_weights():
    clf = MLPClassifier(**SMALL | {"max_iter": 50}, learning_rate_init="find", warm_start=True).fit(X, Y)
    first, loss = clf.learning_rate_init_, clf.loss_
    assert clf.fit(X, Y).learning_rate_init_ != first
    assert clf.loss_ < loss


@pytest.mark.parametrize("learning_rate", ["invscaling", "adaptive", "cosine"])
def test_schedules_start_there(learning_rate):
    """Row 70."""
    clf = MLPClassifier(**SMALL, solver="sgd", learning_rate=learning_rate, learning_rate_init="find").fit(X, Y)
    assert clf.history_["learning_rate"][0] == pytest.approx(clf.learning_rate_init_)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"solver": "lbfgs"}, InvalidParameter, 'solver="lbfgs" has no learning rate'),
        ({"solver": SGD(0.1)}, InvalidParameter, "brings its own numbers; received learning_rate_init="),
        ({"learning_rate": lambda step: 0.1}, InvalidParameter, "learning_rate is a function"),
        ({"learning_rate": CosineDecay(0.1, 10)}, InvalidParameter, "learning_rate is a function"),
        ({"learning_rate_init": "fnid"}, UnknownName, 'Did you mean "find"'),
        ({"learning_rate_init": -1}, InvalidParameter, "a number above 0"),
    ],
)
def test_errors(parameters, error, message):
    with pytest.raises(error, match=message):
        MLPClassifier(**SMALL | {"learning_rate_init": "find"} | parameters).fit(X, Y)
