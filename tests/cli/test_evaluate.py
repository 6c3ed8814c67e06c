"""lamina evaluate."""

import json

import polars as pl

from .conftest import QUICK


def test_json_only(lamina, people):
    lamina("fit", "people.csv", "--out", "run", *QUICK)
    scores = json.loads(lamina("evaluate", "run", "people.csv", "--json").stdout)
    assert scores.keys() == {"accuracy", "f1_macro", "log_loss", "rows"}
    assert scores["rows"] == 80
    text = lamina("evaluate", "run", "people.csv").stdout
    assert f"accuracy {scores['accuracy']:.4f}" in text
    assert "(80 rows)" in text
    assert "precision" in text


def test_the_target_of_the_training_is_remembered(lamina, people):
    lamina("fit", "people.csv", "--target", "price", "--out", "run", *QUICK)
    assert "rmse" in json.loads(lamina("evaluate", "run", "people.csv", "--json").stdout)


def test_a_target_of_another_name(lamina, people, tmp_path):
    lamina("fit", "people.csv", "--out", "run", *QUICK)
    people.rename({"class": "group"}).write_csv(tmp_path / "renamed.csv")
    expected = lamina("evaluate", "run", "people.csv", "--json").stdout
    assert lamina("evaluate", "run", "renamed.csv", "--target", "group", "--json").stdout == expected
    assert "Unknown column" in lamina("evaluate", "run", "renamed.csv", code=2).stderr


def test_labels_read_as_another_type(lamina, tmp_path):
    pl.DataFrame({"x": range(40), "code": ["1", "x"] * 20}).write_csv(tmp_path / "train.csv")
    lamina("fit", "train.csv", "--out", "run", *QUICK)
    pl.DataFrame({"x": range(5), "code": [1] * 5}).write_csv(tmp_path / "test.csv")
    assert json.loads(lamina("evaluate", "run", "test.csv", "--json").stdout)["rows"] == 5
    lamina("fit", "digits", "--out", "digits", *QUICK)
    pl.DataFrame({f"pixel_{i}_{j}": [0.0] for i in range(8) for j in range(8)} | {"digit": ["one"]}).write_csv(
        tmp_path / "text.csv"
    )
    assert "holds text" in lamina("evaluate", "digits", "text.csv", code=2).stderr
