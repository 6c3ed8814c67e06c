"""Cross-validation by populations against scikit-learn's functions over the same estimators."""

import inspect

import numpy as np
import pytest
from sklearn import model_selection
from sklearn.base import is_classifier
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GroupKFold, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lamina import MLPClassifier, MLPRegressor, search
from lamina.errors import InvalidParameter
from lamina.search import cross_val_predict, cross_validate

X, Y = load_iris(return_X_y=True)
SCORES = {"accuracy": "accuracy", "log_loss": "neg_log_loss"}
NAMES = load_iris().target_names[Y]
GROUPS = np.random.RandomState(0).randint(0, 6, 150)
WEIGHTS = np.random.RandomState(1).uniform(0.5, 2, 150)
NET = MLPClassifier((4,), learning_rate_init=0.1, max_iter=2, random_state=0)
PIPE = make_pipeline(StandardScaler(), NET)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("name", ["cross_validate", "cross_val_predict", "learning_curve", "validation_curve"])
def test_signatures(name):
    ours, theirs = (inspect.signature(getattr(module, name)).parameters for module in (search, model_selection))
    assert list(ours) == list(theirs)
    for parameter in theirs:
        np.testing.assert_array_equal(ours[parameter].default, theirs[parameter].default)
        assert ours[parameter].kind == theirs[parameter].kind


@pytest.mark.parametrize(
    ("estimator", "options"),
    [
        (NET, {"cv": 3}),
        (NET, {"cv": 2, "scoring": SCORES, "return_train_score": True}),
        (PIPE, {"cv": GroupKFold(3), "groups": GROUPS}),
        (NET, {"cv": ShuffleSplit(2, random_state=0), "params": {"sample_weight": WEIGHTS}, "return_indices": True}),
        (PIPE, {"cv": 2, "params": {"mlpclassifier__sample_weight": WEIGHTS}, "scoring": ["accuracy", "f1_macro"]}),
        (MLPRegressor(hidden_layer_sizes=(4,), max_iter=2, random_state=0), {"cv": 2, "return_train_score": True}),
    ],
)
def test_scores(estimator, options):
    ours, theirs = (module(estimator, X, Y, **options) for module in (cross_validate, model_selection.cross_validate))
    assert list(ours) == list(theirs)
    for name in theirs:
        if name == "indices":
            for part in ("train", "test"):
                for row, other in zip(ours[name][part], theirs[name][part]):
                    np.testing.assert_array_equal(row, other)
        elif "time" not in name:
            # a sum in another order changes the last bits
            np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9)


def test_fitted_estimators():
    result = cross_validate(PIPE, X, Y, cv=2, return_estimator=True, return_indices=True)
    for pipe, test, score in zip(result["estimator"], result["indices"]["test"], result["test_score"]):
        assert pipe.score(X[test], Y[test]) == score
    assert len({id(pipe[0]) for pipe in result["estimator"]}) == 2
    assert (result["fit_time"] > 0).all()


def test_a_fold_that_fails():
    """NaN and a warning, or the error, as in scikit-learn."""
    broken = X.copy()
    broken[0] = np.nan
    splits = [(np.arange(0, 100), np.arange(100, 150)), (np.arange(50, 150), np.arange(1, 50))]
    with pytest.warns(FitFailedWarning, match="1 fits failed out of a total of 2"):
        scores = cross_validate(NET, broken, Y, cv=splits, error_score=-1.0, return_train_score=True)
    assert scores["test_score"][0] == scores["train_score"][0] == -1
    assert scores["test_score"][1] >= 0
    with pytest.raises(ValueError, match="contains NaN in column 0"):
        cross_validate(NET, broken, Y, cv=splits, error_score="raise")


def test_bad_arguments_fail_before_training(monkeypatch):
    monkeypatch.setattr("lamina.search.trained_copies.train_together", pytest.fail)
    with pytest.raises(ValueError, match="acuracy"):
        cross_validate(NET, X, Y, scoring="acuracy")
    with pytest.raises(ValueError, match="only works for partitions"):
        cross_val_predict(NET, X, Y, cv=ShuffleSplit(2, random_state=0))
    with pytest.raises(InvalidParameter, match=r"cv=\[\] gives no splits"):
        cross_validate(NET, X, Y, cv=[])


def test_estimators_that_are_not_ours():
    options = {"cv": 3, "return_train_score": True}
    dummy = DummyClassifier()
    np.testing.assert_array_equal(
        cross_validate(dummy, X, Y, **options)["train_score"],
        model_selection.cross_validate(dummy, X, Y, **options)["train_score"],
    )
    np.testing.assert_array_equal(cross_val_predict(dummy, X, Y), model_selection.cross_val_predict(dummy, X, Y))


@pytest.mark.parametrize(
    ("estimator", "y", "options"),
    [
        (NET, NAMES, {"cv": 3}),
        (NET, NAMES, {"cv": 3, "method": "predict_proba"}),
        (PIPE, Y, {"cv": GroupKFold(3), "groups": GROUPS, "method": "predict_log_proba"}),
        (NET, np.column_stack([Y > 0, Y > 1]).astype(int), {"cv": 2, "method": "predict_proba"}),
        (
            MLPRegressor(hidden_layer_sizes=(4,), max_iter=2, random_state=0),
            Y,
            {"cv": 2, "params": {"sample_weight": WEIGHTS}},
        ),
    ],
)
def test_predictions(estimator, y, options):
    ours = cross_val_predict(estimator, X, y, **options)
    theirs = model_selection.cross_val_predict(estimator, X, y, **options)
    if is_classifier(estimator) and "method" not in options:
        np.testing.assert_array_equal(ours, theirs)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_a_class_that_a_fold_lacks():
    """Its column is there, with zeros."""
    splits = [(np.arange(100), np.arange(100, 150)), (np.arange(50, 150), np.arange(100))]
    with pytest.warns(RuntimeWarning, match="does not match total number of classes"):
        ours = cross_val_predict(NET, X, NAMES, cv=splits, method="predict_proba")
    assert ours.shape == (150, 3)
    assert not ours[100:, 2].any()
    assert not ours[:100, 0].any()
