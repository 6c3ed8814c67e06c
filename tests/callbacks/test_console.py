"""scikit-learn's verbose lines, word for word."""

import warnings

import pytest
import sklearn.neural_network
from sklearn.datasets import load_iris

import lamina

X, Y = load_iris(return_X_y=True)


@pytest.mark.parametrize(
    "settings",
    [
        {
            "solver": "sgd",
            "learning_rate": "adaptive",
            "learning_rate_init": 0.5,
            "n_iter_no_change": 1,
            "max_iter": 25,
        },
        {"solver": "sgd", "learning_rate": "invscaling", "max_iter": 4},
        {"early_stopping": True, "n_iter_no_change": 2, "tol": 0.05, "max_iter": 30},
    ],
)
def test_verbose_lines(capsys, settings):
    shown = []
    for package in (lamina, sklearn.neural_network):
        model = package.MLPClassifier((5,), random_state=0, verbose=True, **settings)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X, Y)
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert ("Setting learning rate to" in shown[0]) is (settings.get("learning_rate") == "adaptive")
