"""Test rows by class and by residual, worked by hand or compared with scikit-learn."""

import json

import numpy as np
import polars as pl
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lamina import MLPRegressor
from lamina.report.evaluation import by_class, by_residual, evaluate, network_of


def test_classes_as_scikit_learn_has_them():
    rng = np.random.RandomState(0)
    truth, predicted = rng.choice(["a", "b", "c"], (2, 100))
    found = by_class(truth, predicted)
    theirs = classification_report(truth, predicted, output_dict=True)
    for line in found["report"]:
        of_class = theirs[line["name"]]
        assert [line["precision"], line["recall"], line["f1"], line["rows"]] == pytest.approx(list(of_class.values()))
    assert found["matrix"] == confusion_matrix(truth, predicted).tolist()
    assert found["mistakes"][0]["rows"] == max(
        n for i, row in enumerate(found["matrix"]) for j, n in enumerate(row) if i != j
    )


def test_many_classes_stay_small():
    truth = np.arange(5000)
    found = by_class(truth, np.roll(truth, 1))
    assert found["matrix"] == []
    assert found["n_classes"] == 5000
    assert (len(found["report"]), len(found["mistakes"])) == (100, 20)


def test_residuals():
    predicted = np.arange(20.0)
    found = by_residual(predicted + np.tile([1.0, -3.0], 10), predicted)
    assert len(found["tenths"]) == 10
    assert found["tenths"][0] == pytest.approx({"low": 0, "high": 1, "rows": 2, "mean": -1, "rmse": 5**0.5})
    assert sum(found["counts"]) == 20
    assert found["residual"][:2] == [1, -3]
    assert len(by_residual(np.zeros(10_000), np.arange(1e4))["residual"]) == 1000


def test_the_most_uncertain_rows_come_first():
    X, y = np.array([[0.0], [0.1], [1.0], [1.1]]), np.array(["a", "a", "b", "b"])
    model = GaussianNB().fit(X, y)
    rows = evaluate(model, np.array([[0.0], [0.55], [0.4]]), np.array(["a", "b", "a"]), row_numbers=[7, 8, 9])
    rows = rows["uncertain"]["rows"]
    assert [row["number"] for row in rows] == [8, 9, 7]
    assert rows[0]["doubt"] == pytest.approx(np.log(2))
    assert rows[2]["predicted"].startswith("a (100%)")
    assert rows[0]["cells"] == ["0.55"]


def test_without_dropout_the_most_mistaken_numbers():
    model = DummyRegressor(strategy="constant", constant=2.0).fit([[0]], [2.0])
    found = evaluate(model, [[0.0], [1.0], [2.0]], [1.0, 9.0, 2.5])["uncertain"]
    assert [(row["number"], row["doubt"]) for row in found["rows"]] == [(2, 7.0), (1, 1.0), (3, 0.5)]
    assert "distance" in found["measure"]


def test_with_dropout_the_spread_in_units_of_the_target(diabetes):
    model, X, y = diabetes
    plain = evaluate(model, X, y)["uncertain"]
    assert "dropout" in plain["measure"]
    assert plain["rows"][0]["doubt"] == pytest.approx(model.predict_uncertainty(X, 50).std.max(), rel=1e-5)
    regressor = MLPRegressor(
        hidden_layer_sizes=(8,), max_iter=20, tol=1e6, n_iter_no_change=3, dropout=0.2, random_state=0
    )
    scaled = TransformedTargetRegressor(regressor, transformer=StandardScaler())
    pipeline = make_pipeline(StandardScaler(), scaled).fit(X, 1000 * y)
    drawn = network_of(pipeline).predict_uncertainty(pipeline[0].transform(X), 50).std.max()
    doubt = evaluate(pipeline, X, 1000 * y)["uncertain"]["rows"][0]["doubt"]
    assert doubt == pytest.approx(drawn * 1000 * y.std(), rel=1e-5)


def test_an_ensemble_knows_its_spread_without_dropout(diabetes):
    """Row 109."""
    _, X, y = diabetes
    model = MLPRegressor(hidden_layer_sizes=(8,), max_iter=5, tol=1e6, n_iter_no_change=3, n_members=3).fit(X, y)
    found = evaluate(model, X, y)["uncertain"]
    each = np.stack([member.predict(X) for member in model.estimators_])
    assert found["measure"].endswith("over 3 networks")
    assert found["rows"][0]["doubt"] == pytest.approx(each.std(axis=0).max(), rel=1e-5)


def test_it_is_json(wine, diabetes):
    model, _, X, y = wine
    json.dumps(evaluate(model, X, y))
    json.dumps(evaluate(*diabetes))


def test_several_numbers_per_row():
    model = DummyRegressor(strategy="constant", constant=[1.0, 2.0]).fit([[0]], [[1, 2]])
    y = pl.DataFrame({"<b>low</b>": [1.0, 3.0], "high": [2.0, 6.0]})
    found = evaluate(model, [[0], [0]], y)["targets"]
    # errors 0 and 2: root of the mean square sqrt(2), mean 1, and the mean target, 2, has the squares 1 + 1
    low, high = found["rows"]
    assert (found["n_targets"], found["names"]) == (2, ["RMSE", "MAE", "R²"])
    assert (low[0], low[1]) == ("<b>low</b>", pytest.approx([2**0.5, 1.0, 1 - 4 / 2]))
    assert high[1] == pytest.approx([8**0.5, 2.0, 1 - 16 / 8])
    assert evaluate(model, [[0]], [[1, 2]])["targets"]["names"] == ["RMSE", "MAE"]


def test_several_labels_per_row():
    X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([[0, 1], [0, 0], [1, 1], [1, 0]])
    model = KNeighborsClassifier(1).fit(X, y)
    found = evaluate(model, X, 1 - y[::-1])["targets"]  # the first label is right everywhere, the second too
    assert found["names"] == ["precision", "recall", "F1", "rows"]
    assert found["rows"] == [("target 1", [1.0, 1.0, 1.0, 2.0]), ("target 2", [1.0, 1.0, 1.0, 2.0])]
    wrong = evaluate(model, X, 1 - y)["targets"]["rows"]
    assert [scores for _, scores in wrong] == [[0.0, 0.0, 0.0, 2.0]] * 2
    json.dumps(found)
