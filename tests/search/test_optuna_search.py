"""Rounds of settings that a sampler proposes."""

import numpy as np
import pytest
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV

from lamina.errors import InvalidParameter
from lamina.search import OptunaSearchCV, cohort

optuna = pytest.importorskip("optuna")
optuna.logging.set_verbosity(optuna.logging.WARNING)
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning"),
]
SPACE = {
    "learning_rate_init": optuna.distributions.FloatDistribution(1e-4, 0.1, log=True),
    "hidden_layer_sizes": [(4,), (5,)],
    "activation": ["relu", "tanh"],
}


@pytest.fixture
def options():
    return {"n_trials": 8, "batch_size": 3, "cv": 2, "scoring": "neg_log_loss", "random_state": 0}


def test_each_round_trains_a_batch_together(rows, net, options, monkeypatch):
    """Row 144"""
    sizes = []
    real = cohort.Population
    monkeypatch.setattr(cohort, "Population", lambda jobs, memory: sizes.append(len(jobs)) or real(jobs, memory))
    space = {"learning_rate_init": SPACE["learning_rate_init"]}
    search = OptunaSearchCV(net, space, **options).fit(*rows)
    assert sizes == [3 * 2, 3 * 2, 2 * 2]
    values = [trial.value for trial in search.study_.trials]
    np.testing.assert_array_equal(values, search.cv_results_["mean_test_score"])
    assert search.best_score_ == search.study_.best_value
    assert search.best_params_ == search.study_.best_params


def test_scores_are_those_of_separate_fits_and_seeds_repeat(rows, net, options):
    search = OptunaSearchCV(net, SPACE, **options).fit(*rows)
    again = OptunaSearchCV(net, SPACE, **options).fit(*rows)
    assert search.cv_results_["params"] == again.cv_results_["params"]
    grid = [{name: [value] for name, value in params.items()} for params in search.cv_results_["params"]]
    theirs = GridSearchCV(net, grid, cv=2, scoring="neg_log_loss").fit(*rows)
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"], rtol=1e-9)
    assert {type(params["hidden_layer_sizes"]) for params in search.cv_results_["params"]} == {tuple}
    assert search.predict(rows[0]).shape == (150,)


def test_failed_trials_are_told_as_failed(rows, net, options):
    space = {"alpha": optuna.distributions.FloatDistribution(-1, 1)}
    with pytest.warns(FitFailedWarning), pytest.warns(UserWarning, match="non-finite"):
        search = OptunaSearchCV(net, space, refit=False, **options).fit(*rows)
    for trial in search.study_.trials:
        assert (trial.state.name == "FAIL") == (trial.params["alpha"] < 0)


def test_a_study_of_the_user_goes_on(rows, net, options):
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    space = {"alpha": optuna.distributions.FloatDistribution(0, 1)}
    search = OptunaSearchCV(net, space, study=study, refit="ensemble", **options)
    search.fit(*rows)
    assert search.fit(*rows).study_ is study
    assert len(study.trials) == 16
    assert len(search.best_estimator_.estimators_) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"study": optuna.create_study(direction="minimize")}, "has to maximise"),
        ({"study": "mine"}, "study='mine'"),
        ({"param_distributions": {"alpha": 0.1}}, "distributions of optuna.distributions"),
        ({"param_distributions": {"solver": "adam"}}, "solver='adam'"),
        ({"param_distributions": {"solver": []}}, r"solver=\[\]"),
        ({"scoring": ["accuracy", "r2"], "refit": False}, "the name of the one that decides"),
    ],
)
def test_what_is_refused_before_training(rows, net, options, words, message, monkeypatch):
    monkeypatch.delattr(cohort, "Population")
    with pytest.raises(InvalidParameter, match=message):
        OptunaSearchCV(net, **({"param_distributions": SPACE} | options | words)).fit(*rows)


def test_an_array_is_a_list_of_choices(rows, net, options):
    search = OptunaSearchCV(net, {"alpha": np.array([0.1, 0.2])}, **options | {"n_trials": 2}).fit(*rows)
    assert search.best_params_["alpha"] in (0.1, 0.2)


def test_no_trial_of_a_broken_round_stays_open(rows, net, options):
    study = optuna.create_study(direction="maximize")
    search = OptunaSearchCV(net, {"alpha": [-1.0]}, study=study, error_score="raise", **options)
    with pytest.raises(InvalidParameter, match="alpha"):
        search.fit(*rows)
    assert [trial.state.name for trial in study.trials] == ["FAIL"] * 3
