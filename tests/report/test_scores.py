"""Test scores, compared with scikit-learn's and worked by hand."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import log_loss
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from lamina.report import measure


def test_classes():
    X, y = np.array([[0.0], [0.2], [1.0], [1.3]]), np.array(["a", "a", "b", "b"])
    model = GaussianNB().fit(X, y)
    scores, report = measure(model, X, np.array(["a", "a", "b", "a"]), "classification")
    assert scores["accuracy"] == 0.75
    truth = np.array(["a", "b"])
    assert measure(model, X[[0, 2]], truth, "classification")[0]["log_loss"] == pytest.approx(
        log_loss(truth, model.predict_proba(X[[0, 2]])), abs=1e-6
    )
    assert "precision" in report


def test_a_class_never_seen_is_wrong():
    model = DummyClassifier(strategy="uniform").fit([[0], [0]], ["a", "c"])
    for unseen in ("b", "z"):
        scores, _ = measure(model, [[0]], np.array([unseen]), "classification")
        assert scores["accuracy"] == 0
        assert scores["log_loss"] == pytest.approx(-np.log(np.finfo(np.float32).eps))


def test_several_labels_per_row():
    model = KNeighborsClassifier(1).fit([[0.0], [1.0]], [[0, 1], [1, 1]])
    scores, report = measure(model, [[0.0], [1.0]], np.array([[0, 1], [1, 0]]), "classification")
    # the second row has one label wrong: F1 is 1 for the first label, and 2/3 for the second
    assert scores == pytest.approx({"accuracy": 0.5, "f1_macro": 5 / 6})
    assert "precision" in report


def test_numbers():
    model = DummyRegressor(strategy="constant", constant=2.0).fit([[0]], [2.0])
    scores, report = measure(model, [[0], [0]], np.array([1.0, 5.0]), "regression")
    # errors 1 and 3: mean 2, root of mean square sqrt(5); the mean of the target, 3, has squares 4 + 4
    assert scores == pytest.approx({"r2": 1 - 10 / 8, "rmse": np.sqrt(5), "mae": 2.0})
    assert report == ""
