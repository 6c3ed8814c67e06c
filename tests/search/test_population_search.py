"""The search against scikit-learn's own over the same estimators."""

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, RandomizedSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from lamina import MLPClassifier, MLPRegressor
from lamina.errors import DivergenceError, InvalidParameter
from lamina.search import PopulationSearchCV

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:Got `batch_size` less than 1:UserWarning"),
]
GRID = {"alpha": [1e-4, 0.5], "learning_rate_init": [0.01, 0.05]}


def net(**params):
    return MLPClassifier((5,), **({"max_iter": 8, "batch_size": 20, "random_state": 0} | params))


def pipeline(**params):
    return Pipeline([("scale", StandardScaler()), ("mlp", net(**params))])


def assert_same(ours, theirs, tolerance=1e-9):
    assert list(ours.cv_results_) == list(theirs.cv_results_)
    assert ours.cv_results_["params"] == theirs.cv_results_["params"]
    for name, column in theirs.cv_results_.items():
        if "time" in name or name == "params":
            assert len(ours.cv_results_[name]) == len(column)
        elif name.startswith("param_"):
            assert (ours.cv_results_[name] == column).all()
        else:
            np.testing.assert_allclose(ours.cv_results_[name], column, rtol=tolerance, atol=tolerance)
    for name in ("best_index_", "best_params_", "n_splits_", "multimetric_"):
        assert getattr(ours, name, None) == getattr(theirs, name, None)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_all_members_score_as_separate_fits_do(rows, dtype):
    """Rows 144, 145"""
    options = {"cv": 3, "return_train_score": True, "scoring": "neg_log_loss" if dtype == "float64" else None}
    ours = PopulationSearchCV(net(dtype=dtype), GRID, **options).fit(*rows)
    theirs = GridSearchCV(net(dtype=dtype), GRID, **options).fit(*rows)
    assert_same(ours, theirs)
    assert ours.best_score_ == pytest.approx(theirs.best_score_, abs=1e-9)
    np.testing.assert_allclose(ours.predict_proba(rows[0]), theirs.predict_proba(rows[0]), atol=1e-6)
    frame = pd.DataFrame(ours.cv_results_)
    assert len(frame) == 4
    assert frame["param_alpha"].tolist() == [1e-4, 1e-4, 0.5, 0.5]


def test_regressor(rows):
    X, y = rows[0][:, :3], rows[0][:, 3]
    params = {
        "estimator": MLPRegressor(hidden_layer_sizes=(4,), max_iter=5, random_state=0),
        "param_grid": {"alpha": [0, 1.0]},
        "cv": 3,
    }
    assert_same(PopulationSearchCV(**params).fit(X, y), GridSearchCV(**params).fit(X, y))


def test_draws_as_randomized_search_does(rows):
    space = {"alpha": loguniform(1e-5, 1), "learning_rate_init": [0.01, 0.02]}
    theirs = RandomizedSearchCV(net(), space, n_iter=3, cv=3, random_state=1).fit(*rows)
    for words in ({"param_grid": space}, {"param_distributions": space}):
        assert_same(PopulationSearchCV(net(), n_iter=3, cv=3, random_state=1, **words).fit(*rows), theirs)


def test_several_architectures_and_seeds(rows):
    grid = [{"hidden_layer_sizes": [(3,), (4, 3)]}, {"random_state": [1, 2], "activation": ["tanh"]}]
    ours = PopulationSearchCV(net(), grid, cv=3).fit(*rows)
    assert_same(ours, GridSearchCV(net(), grid, cv=3).fit(*rows))


def test_pipeline_fits_its_other_steps_per_split_and_setting(rows, monkeypatch):
    fits = []
    real = StandardScaler.fit
    monkeypatch.setattr(StandardScaler, "fit", lambda self, X, *rest: fits.append(len(X)) or real(self, X, *rest))
    grid = {"scale__with_mean": [True, False], "mlp__alpha": [1e-4, 0.5], "mlp__hidden_layer_sizes": [(3,), (5,)]}
    ours = PopulationSearchCV(pipeline(), grid, cv=3, scoring="neg_log_loss", refit=False).fit(*rows)
    assert len(fits) == 2 * 3  # not 2 · 2 · 2 · 3
    theirs = GridSearchCV(pipeline(), grid, cv=3, scoring="neg_log_loss", refit=False).fit(*rows)
    assert_same(ours, theirs)


def test_transformed_targets(rows):
    X, y = rows[0][:, :3], 1000 * rows[0][:, 3]
    inner = Pipeline([("scale", StandardScaler()), ("mlp", MLPRegressor(hidden_layer_sizes=(4,), max_iter=5))])
    scaled = TransformedTargetRegressor(inner, transformer=StandardScaler())
    grid = {"regressor__mlp__random_state": [0, 1], "regressor__scale__with_std": [True, False]}
    weight = np.random.RandomState(0).uniform(0.1, 2, len(y))
    for fit_params in ({}, {"mlp__sample_weight": weight}):
        ours = PopulationSearchCV(scaled, grid, cv=3).fit(X, y, **fit_params)
        assert_same(ours, GridSearchCV(scaled, grid, cv=3).fit(X, y, **fit_params))


def test_steps_of_a_pipeline_may_be_replaced(rows):
    grid = [{"scale": ["passthrough", StandardScaler()], "mlp": [net(), SVC(C=2.0)]}]
    with pytest.warns(UserWarning, match="SVC"):
        ours = PopulationSearchCV(pipeline(), grid, cv=3).fit(*rows)
    assert_same(ours, GridSearchCV(pipeline(), grid, cv=3).fit(*rows))


def test_groups_weights_and_several_scores(rows):
    X, y = rows
    rng = np.random.RandomState(0)
    fit_params = {"groups": rng.randint(6, size=len(y)), "mlp__sample_weight": rng.uniform(0.1, 2, len(y))}
    options = {"cv": GroupKFold(3), "scoring": ["accuracy", "neg_log_loss"], "refit": "neg_log_loss"}
    grid = {"mlp__alpha": [1e-4, 0.5]}
    ours = PopulationSearchCV(pipeline(), grid, **options).fit(X, y, **fit_params)
    theirs = GridSearchCV(pipeline(), grid, **options).fit(X, y, **fit_params)
    assert_same(ours, theirs)
    assert ours.score(X, y) == pytest.approx(theirs.score(X, y), abs=1e-9)


def test_sample_weights_reach_the_scorer_too(rows):
    weight = np.random.RandomState(0).uniform(0.1, 2, len(rows[1]))
    ours = PopulationSearchCV(net(), GRID, cv=3, scoring="accuracy").fit(*rows, sample_weight=weight)
    assert_same(ours, GridSearchCV(net(), GRID, cv=3, scoring="accuracy").fit(*rows, sample_weight=weight))


def test_other_arguments_of_fit(rows):
    from lamina.callbacks import LambdaCallback

    epochs = []
    callback = LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append(epoch))
    search = PopulationSearchCV(net(), {"alpha": [0.1, 0.2]}, cv=3, refit=False)
    with pytest.warns(UserWarning, match="MLPClassifier can't train in a population"):
        search.fit(*rows, callbacks=[callback], validation_data=rows)
    assert len(epochs) == 2 * 3 * 8


def test_refit_chosen_by_a_function(rows):
    search = PopulationSearchCV(net(), GRID, cv=3, refit=lambda results: 2).fit(*rows)
    assert search.best_index_ == 2
    assert search.best_estimator_.alpha == 0.5
    assert not hasattr(search, "best_score_")


def test_nested_cross_validation_and_clone(rows):
    search = PopulationSearchCV(net(), {"alpha": [1e-4, 0.5]}, cv=KFold(2))
    scores = cross_val_score(search, *rows, cv=2)
    np.testing.assert_allclose(
        scores, cross_val_score(GridSearchCV(net(), {"alpha": [1e-4, 0.5]}, cv=KFold(2)), *rows, cv=2)
    )
    twin = clone(search).set_params(estimator__alpha=3.0, strategy="halving")
    assert twin.get_params()["estimator__alpha"] == 3.0
    assert twin.strategy == "halving"


def test_a_member_that_diverges_is_nan_and_the_others_go_on(rows):
    X, y = rows[0][:, :3], rows[0][:, 3]
    regressor = MLPRegressor(hidden_layer_sizes=(4,), activation="identity", solver="sgd", max_iter=20, random_state=0)
    grid = {"learning_rate_init": [0.001, 1e12]}
    with pytest.warns(FitFailedWarning, match="3 fits failed"), pytest.warns(UserWarning, match="non-finite"):
        search = PopulationSearchCV(regressor, grid, cv=3).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"][0])
    assert np.isnan(search.cv_results_["mean_test_score"][1])
    assert search.best_params_ == {"learning_rate_init": 0.001}
    with pytest.warns(FitFailedWarning):
        search = PopulationSearchCV(regressor, grid, cv=3, error_score=-7).fit(X, y)
    assert search.cv_results_["mean_test_score"][1] == -7
    with pytest.raises(DivergenceError):
        PopulationSearchCV(regressor, grid, cv=3, error_score="raise").fit(X, y)


def test_a_step_that_fails_and_a_value_that_is_refused(rows):
    grid = [{"scale": [StandardScaler(), _Refuses()]}, {"mlp__alpha": [-1.0]}]
    with pytest.warns(FitFailedWarning, match="6 fits failed"), pytest.warns(UserWarning, match="non-finite"):
        search = PopulationSearchCV(pipeline(), grid, cv=3).fit(*rows)
    assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [False, True, True]


class _Refuses(StandardScaler):
    def fit(self, X, y=None, sample_weight=None):
        raise ValueError("not these rows")


def test_other_estimators_are_searched_as_scikit_learn_does(rows):
    options = {"param_grid": {"C": [0.1, 1.0]}, "cv": 3}
    with pytest.warns(UserWarning, match="SVC"):
        ours = PopulationSearchCV(SVC(), **options).fit(*rows)
    assert_same(ours, GridSearchCV(SVC(), **options).fit(*rows))


@pytest.mark.parametrize("words", [{}, {"param_grid": GRID, "param_distributions": GRID}])
def test_needs_one_space(rows, words):
    with pytest.raises(InvalidParameter, match="either param_grid or param_distributions"):
        PopulationSearchCV(net(), **words).fit(*rows)


def test_groups_are_tasks_of_whichever_backend_the_user_sets(rows):
    grid = {"hidden_layer_sizes": [(3,), (4,)], "alpha": [0.1]}
    with parallel_config("threading", n_jobs=2):
        ours = PopulationSearchCV(net(), grid, cv=3).fit(*rows)
    assert_same(ours, PopulationSearchCV(net(), grid, cv=3).fit(*rows))


def test_metadata_routing(rows):
    from sklearn import config_context

    weight = np.random.RandomState(0).uniform(0.1, 2, len(rows[1]))
    with config_context(enable_metadata_routing=True):
        scale = StandardScaler().set_fit_request(sample_weight=False)
        routed = Pipeline([("scale", scale), ("mlp", net().set_fit_request(sample_weight=True))])
        scorer = get_scorer("accuracy").set_score_request(sample_weight=True)
        ours = PopulationSearchCV(routed, {"mlp__alpha": [0.1, 1.0]}, cv=3, scoring=scorer)
        theirs = GridSearchCV(routed, {"mlp__alpha": [0.1, 1.0]}, cv=3, scoring=scorer)
        assert_same(ours.fit(*rows, sample_weight=weight), theirs.fit(*rows, sample_weight=weight))


@pytest.mark.parametrize("strategy", ["full", "halving", "asha"])
@pytest.mark.parametrize(
    ("words", "message"), [({"param_grid": []}, r"Received \[\]"), ({"param_grid": GRID, "cv": []}, "no splits")]
)
def test_there_must_be_settings_and_splits(rows, words, message, strategy):
    with pytest.raises(InvalidParameter, match=message):
        PopulationSearchCV(net(), strategy=strategy, **words).fit(*rows)


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
@pytest.mark.parametrize("strategy", ["full", "halving"])
@pytest.mark.parametrize(
    "bad",
    [
        {"normalization": "x"},
        {"batch_size": []},
        {"early_stopping": []},
        {"max_iter": "x"},
        {"hidden_layer_sizes": 1.5},
    ],
)
def test_any_value_that_is_refused_fails_by_itself(rows, bad, strategy):
    grid = [{"alpha": [0.1]}, {name: [value] for name, value in bad.items()}]
    with pytest.warns(FitFailedWarning, match="2 fits failed"):
        search = PopulationSearchCV(net(), grid, cv=2, strategy=strategy).fit(*rows)
    assert search.best_params_ == {"alpha": 0.1}


def test_a_number_of_members_that_is_refused_fails_by_itself(rows):
    with pytest.warns(FitFailedWarning, match="2 fits failed"), pytest.warns(UserWarning, match="non-finite"):
        search = PopulationSearchCV(net(), {"n_members": [1, None]}, cv=2).fit(*rows)
    assert search.best_params_ == {"n_members": 1}
