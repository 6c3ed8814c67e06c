"""Rungs of epochs: who is dropped, and that those who go on learn what they would have learned anyway."""

import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, HalvingRandomSearchCV
from sklearn.svm import SVC

from lamina.errors import InvalidParameter
from lamina.search import PopulationSearchCV, cohort
from lamina.search.halving import rungs_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
RATES = [1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.02, 0.03, 0.05, 0.1]
OPTIONS = {"cv": 2, "scoring": "neg_log_loss"}


def columns(search, *names):
    return [search.cv_results_[name].tolist() for name in names]


def test_rungs():
    assert rungs_of(27, 200) == [7, 22, 66, 200]
    assert rungs_of(10, 200) == [22, 66, 200]
    assert rungs_of(2, 200) == [200]
    assert rungs_of(100, 2) == [2]


@pytest.fixture(scope="module")
def halved(rows):
    from lamina import MLPClassifier

    net = MLPClassifier((5,), max_iter=9, batch_size=20, random_state=0)
    return PopulationSearchCV(net, {"learning_rate_init": RATES}, strategy="halving", **OPTIONS).fit(*rows)


def test_a_third_goes_on_from_each_rung(halved):
    """Row 144"""
    iterations, resources = columns(halved, "iter", "n_resources")
    assert iterations == [0] * 9 + [1] * 3 + [2]
    assert resources == [1] * 9 + [3] * 3 + [9]
    assert halved.n_resources_ == [1, 3, 9]
    assert halved.n_candidates_ == [9, 3, 1]
    first = halved.cv_results_["mean_test_score"][:9]
    went_on = [RATES.index(params["learning_rate_init"]) for params in halved.cv_results_["params"][9:12]]
    assert set(went_on) == set(np.argsort(first)[-3:])


def test_scores_at_each_rung_are_those_of_separate_fits(halved, rows, net):
    for row, (params, epochs) in enumerate(zip(halved.cv_results_["params"], halved.cv_results_["n_resources"])):
        if epochs == 1:
            continue
        alone = GridSearchCV(
            net.set_params(max_iter=epochs), {"learning_rate_init": [params["learning_rate_init"]]}, **OPTIONS
        )
        assert halved.cv_results_["mean_test_score"][row] == pytest.approx(
            alone.fit(*rows).cv_results_["mean_test_score"][0], abs=1e-6
        )


def test_nothing_is_trained_twice(rows, net, monkeypatch):
    jobs = []
    real = cohort.Population
    monkeypatch.setattr(cohort, "Population", lambda some, memory: jobs.extend(some) or real(some, memory))
    grid = {"learning_rate_init": RATES}
    PopulationSearchCV(net, grid, strategy="halving", refit=False, **OPTIONS).fit(*rows)
    assert len(jobs) == 9 * 2
    assert sum(job.epochs for job in jobs) == 2 * (9 * 1 + 3 * (3 - 1) + 1 * (9 - 3))


def test_pausing_is_refused_where_it_cannot_be(rows, net):
    search = PopulationSearchCV(net, {"solver": ["lbfgs"]}, strategy="halving", **OPTIONS)
    with pytest.raises(InvalidParameter, match="cannot be paused"):
        search.fit(*rows)


def test_the_best_is_one_that_trained_to_the_end(halved):
    assert halved.best_index_ == 12
    assert halved.best_estimator_.n_iter_ == 9


def test_asha_compares_each_group_with_those_before(rows, net):
    grid = {"learning_rate_init": [1e-4, 0.01, 0.05], "hidden_layer_sizes": [(3,), (5,), (7,)]}
    search = PopulationSearchCV(net, grid, strategy="asha", **OPTIONS).fit(*rows)
    results = search.cv_results_
    means = results["mean_test_score"]
    seen: list[float] = []
    expected = set()
    for size in grid["hidden_layer_sizes"]:  # groups come in this order
        group = [i for i in range(9) if results["params"][i]["hidden_layer_sizes"] == size]
        seen += [means[i] for i in group]
        cut = sorted(seen)[-int(np.ceil(len(seen) / 3))]
        expected |= {i for i in group if means[i] >= cut}
    went_on = {results["params"].index(params) for params in np.array(results["params"])[results["iter"] == 1]}
    assert went_on == expected
    assert results["n_resources"].max() == 9
    assert results["iter"][search.best_index_] == 2


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_failed_members_are_dropped_first(rows, net):
    grid = {"alpha": [-1.0, -2.0, 0.1, 0.2]}
    search = PopulationSearchCV(net, grid, strategy="halving", **OPTIONS).fit(*rows)
    assert [params["alpha"] for params in search.cv_results_["params"][4:]] == [0.1, 0.2]


def test_needs_the_score_that_decides_before_it_trains(rows, net, monkeypatch):
    search = PopulationSearchCV(
        net, {"alpha": [0.1, 0.2, 0.3]}, strategy="halving", cv=2, scoring=["accuracy", "r2"], refit=False
    )
    with monkeypatch.context() as patch, pytest.raises(InvalidParameter, match="name of the one that decides"):
        patch.delattr(cohort, "Population")
        search.fit(*rows)
    assert search.set_params(refit="accuracy").fit(*rows).best_index_ >= 3


@pytest.mark.parametrize(
    ("space", "theirs"),
    [({"C": [0.1, 1.0, 10.0]}, HalvingGridSearchCV), ({"C": loguniform(0.1, 10)}, HalvingRandomSearchCV)],
)
def test_other_estimators_are_halved_by_rows(rows, space, theirs):
    options = {"cv": 2, "random_state": 0, "return_train_score": False}
    expected = theirs(SVC(), space, **options, **({"n_candidates": 5} if theirs is HalvingRandomSearchCV else {}))
    n_iter = {"n_iter": 5} if theirs is HalvingRandomSearchCV else {}
    with pytest.warns(UserWarning, match="SVC can't train in a population"):
        ours = PopulationSearchCV(SVC(), space, strategy="halving", **n_iter, **options).fit(*rows)
    expected.fit(*rows)
    assert ours.best_params_ == expected.best_params_
    assert columns(ours, "iter", "n_resources", "mean_test_score") == columns(
        expected, "iter", "n_resources", "mean_test_score"
    )
    assert (ours.predict(rows[0]) == expected.predict(rows[0])).all()


def test_what_halving_by_rows_lacks_is_refused(rows, tmp_path):
    words = {"checkpoint": tmp_path / "search.journal", "refit": "ensemble"}
    search = PopulationSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, strategy="halving", cv=2, **words)
    with pytest.raises(InvalidParameter, match=r'LogisticRegression .* no checkpoint and no refit="ensemble"'):
        search.fit(*rows)


def test_a_function_that_gives_several_scores(rows, net):
    def both(estimator, X, y):
        return {"accuracy": estimator.score(X, y), "one": 1.0}

    options = {"strategy": "halving", "cv": 2, "scoring": both}
    grid = {"alpha": [0.1, 0.2, 0.3]}
    assert PopulationSearchCV(net, grid, refit="accuracy", **options).fit(*rows).best_index_ == 3
    with pytest.raises(InvalidParameter, match="refit=True"):
        PopulationSearchCV(net, grid, **options).fit(*rows)
