"""The estimators inside scikit-learn's own tools: pipelines, searches, clones, copies on disk, tables."""

import pickle

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from lamina import MLPClassifier, MLPRegressor
from lamina.errors import DataError

X, Y = load_digits(return_X_y=True)
X, Y = X[:300, 18:30], Y[:300]  # twelve pixels in the middle
NAMES = [f"pixel {i}" for i in range(18, 30)]
FRAMES = {"pandas": pd.DataFrame(X, columns=NAMES), "polars": pl.DataFrame(X, schema=NAMES)}
SMALL = {"hidden_layer_sizes": (8,), "random_state": 0, "learning_rate_init": 0.02, "max_iter": 20}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def fitted():
    return MLPClassifier(**SMALL).fit(X, Y)


@pytest.fixture(scope="module")
def pipeline():
    return make_pipeline(StandardScaler(), MLPClassifier(**SMALL)).fit(X, Y)


@pytest.mark.parametrize("kind", FRAMES)
def test_table_equals_array(fitted, kind):
    """Row 123: the same numbers from a table, and its column names are kept."""
    model = clone(fitted).fit(FRAMES[kind], Y)
    assert model.feature_names_in_.tolist() == NAMES
    np.testing.assert_array_equal(model.coefs_[0], fitted.coefs_[0])
    np.testing.assert_array_equal(model.predict_proba(FRAMES[kind]), fitted.predict_proba(X))
    np.testing.assert_array_equal(model.hidden_activations(FRAMES[kind]), fitted.hidden_activations(X))


@pytest.mark.parametrize("kind", FRAMES)
def test_targets_from_a_table(fitted, kind):
    """Row 123: text labels from a column, several targets from several columns."""
    series = {"pandas": pd.Series, "polars": pl.Series}[kind]
    frame = {"pandas": pd.DataFrame, "polars": pl.DataFrame}[kind]
    named = clone(fitted).fit(FRAMES[kind], series([f"digit {k}" for k in Y]))
    assert named.predict(FRAMES[kind]).tolist() == [f"digit {k}" for k in fitted.predict(X)]
    two = MLPRegressor(hidden_layer_sizes=(8,), max_iter=2).fit(FRAMES[kind], frame({"a": Y * 1.0, "b": Y * 2.0}))
    assert two.predict(FRAMES[kind]).shape == (300, 2)


@pytest.mark.parametrize("kind", FRAMES)
def test_pipeline_that_passes_tables_on(pipeline, kind):
    """Row 123: with `set_output` the scaler hands a table to the network, which keeps its names."""
    tables = make_pipeline(StandardScaler(), MLPClassifier(**SMALL)).set_output(transform=kind)
    tables.fit(FRAMES[kind], Y)
    assert tables[-1].feature_names_in_.tolist() == NAMES
    assert isinstance(tables[:-1].transform(FRAMES[kind]), type(FRAMES[kind]))
    # the scaler sums a table's columns in another order: last bits, which 40 steps may amplify
    np.testing.assert_allclose(tables.predict_proba(FRAMES[kind]), pipeline.predict_proba(X), rtol=1e-9)


@pytest.mark.parametrize("kind", FRAMES)
def test_changed_columns_are_a_diff(fitted, kind):
    model = clone(fitted).set_params(max_iter=1).fit(FRAMES[kind], Y)
    changed = FRAMES[kind].rename(
        **{"pandas": {"columns": {NAMES[1]: "dot"}}, "polars": {"mapping": {NAMES[1]: "dot"}}}[kind]
    )
    with pytest.raises(DataError, match=r"  pixel 18\n- pixel 19\n  pixel 20\n(  pixel \d+\n)+\+ dot"):
        model.predict(changed)
    with pytest.raises(DataError, match="the same columns in another order"):
        model.predict(FRAMES[kind][NAMES[::-1]])


def test_pipeline_is_copied_by_clone_pickle_and_joblib(pipeline, tmp_path):
    """Row 123, 151: a copy predicts the same; a clone is unfitted and learns the same."""
    joblib.dump(pipeline, tmp_path / "model.joblib")
    for copy in (
        pickle.loads(pickle.dumps(pipeline)),
        joblib.load(tmp_path / "model.joblib"),
        clone(pipeline).fit(X, Y),
    ):
        np.testing.assert_array_equal(copy.predict_proba(X), pipeline.predict_proba(X))
        assert not np.shares_memory(copy[-1].coefs_[0], pipeline[-1].coefs_[0])
    assert not hasattr(clone(pipeline)[-1], "coefs_")


def test_copy_trains_on_as_the_original_would(fitted):
    """Row 100: the optimizer's state travels with the pickle, so both learn the same from the same rows."""
    models = [pickle.loads(pickle.dumps(fitted)) for _ in range(2)]
    models[1] = pickle.loads(pickle.dumps(models[1].partial_fit(X, Y)))
    models[0].partial_fit(X, Y)
    for model in models:
        model.set_params(random_state=1).partial_fit(X, Y)
    np.testing.assert_array_equal(models[0].coefs_[0], models[1].coefs_[0])
    assert (models[0].coefs_[0] != fitted.coefs_[0]).any()


def test_search_over_a_pipeline_in_two_processes():
    """Row 144: parameters by name, two workers, the best refitted; the scores are those of this process."""
    steps = Pipeline([("scale", StandardScaler()), ("net", MLPClassifier(**SMALL))])
    alone = cross_val_score(steps, FRAMES["pandas"], Y, cv=2)
    search = GridSearchCV(steps, {"net__alpha": [1e-4, 100.0]}, cv=2, n_jobs=2).fit(FRAMES["pandas"], Y)
    assert search.best_params_ == {"net__alpha": 1e-4}
    assert search.best_estimator_.feature_names_in_.tolist() == NAMES
    np.testing.assert_allclose(search.best_score_, alone.mean(), rtol=1e-12)  # the mean of the same two numbers


def test_scaled_targets_through_scikit_learn():
    """Row 133: what the warning about large targets advises does work."""
    y = 1e5 * (X[:, 0] - X[:, 5])
    net = MLPRegressor(hidden_layer_sizes=(8,), solver="lbfgs", max_iter=100, random_state=0)
    model = TransformedTargetRegressor(make_pipeline(StandardScaler(), net), transformer=StandardScaler())
    assert model.fit(X, y).score(X, y) > 0.99
