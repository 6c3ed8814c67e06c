"""The table of the settings that a search has tried."""

import numpy as np

from lamina.report.trials import best_trials

RESULTS = {
    "param_solver": np.array(["adam", "", "sgd", "adam"]),
    "param_alpha": np.array([1.0, np.nan, 2.0, 3.0]),
    "mean_test_score": np.array([0.5, 0.7, np.nan, 0.7]),
    "std_test_score": np.array([0.1, 0.2, np.nan, 0.3]),
    "mean_fit_time": np.array([1.0, 2.0, 3.0, 4.0]),
}


def test_the_best_come_first_and_failures_last():
    """Row 144: equal scores share a rank; a text that a setting leaves open is a dash."""
    table = best_trials(RESULTS)
    assert table["names"] == ["rank", "mean", "deviation", "solver", "alpha", "seconds to fit"]
    assert [rank for rank, _ in table["rows"]] == [1, 1, 3, 4]
    assert [cells[-1] for _, cells in table["rows"]] == [2.0, 4.0, 1.0, 3.0]
    assert table["rows"][0][1][2] == "–"
    assert np.isnan(table["rows"][-1][1][0])
    assert len(best_trials(RESULTS, most=2)["rows"]) == 2


def test_of_several_rungs_the_last_one_counts():
    halved = {
        "param_alpha": np.array([1.0, 2.0, 3.0, 2.0]),
        "mean_test_score": np.array([0.9, 0.8, 0.2, 0.6]),
        "std_test_score": np.zeros(4),
        "mean_fit_time": np.ones(4),
        "iter": np.array([0, 0, 0, 1]),
        "n_resources": np.array([5, 5, 5, 15]),
    }
    table = best_trials(halved)
    assert table["names"][-1] == "epochs"
    assert [(rank, cells[2], cells[-1]) for rank, cells in table["rows"]] == [(1, 2.0, 15), (2, 1.0, 5), (3, 3.0, 5)]
