"""lamina predict."""

import io

import numpy as np
import polars as pl

from .conftest import QUICK


def test_classes_and_probabilities(lamina, people, tmp_path):
    lamina("fit", "people.csv", "--out", "run", *QUICK)
    people.drop("class").head(5).write_csv(tmp_path / "new.csv")
    result = lamina("predict", "run", "new.csv")
    table = pl.read_csv(io.StringIO(result.stdout))
    assert table.columns == ["prediction", "probability_old", "probability_young"]
    assert table.height == 5
    np.testing.assert_allclose(table["probability_old"] + table["probability_young"], 1, rtol=1e-6)
    assert (table["prediction"] == "old").to_list() == (table["probability_old"] >= 0.5).to_list()
    nothing = lamina("predict", "run/model.lamina", "new.csv", "--out", "p.csv").stdout
    assert nothing == ""
    assert (tmp_path / "p.csv").read_text() == result.stdout


def test_a_row_with_gaps_new_categories_and_text_for_numbers(lamina, people, tmp_path):
    lamina("fit", "people.csv", "--out", "run", *QUICK)
    (tmp_path / "new.csv").write_text("city,age,since,member,price\nOslo,,,,\n")
    assert len(lamina("predict", "run", "new.csv").stdout.splitlines()) == 2


def test_numbers(lamina, people):
    lamina("fit", "people.csv", "--target", "price", "--out", "run", *QUICK)
    lines = lamina("predict", "run", "people.csv").stdout.splitlines()
    assert lines[0] == "prediction"
    assert len(lines) == 81
    assert 1e4 < float(lines[1]) < 1e7


def test_mistakes(lamina, people, tmp_path):
    lamina("fit", "people.csv", "--out", "run", *QUICK)
    assert "There is no file" in lamina("predict", "walk", "people.csv", code=2).stderr
    (tmp_path / "cut.lamina").write_bytes((tmp_path / "run/model.lamina").read_bytes()[:-9])
    assert "truncated" in lamina("predict", "cut.lamina", "people.csv", code=2).stderr
    people.rename({"age": "years"}).write_csv(tmp_path / "other.csv")
    stderr = lamina("predict", "run", "other.csv", code=2).stderr
    assert "- age" in stderr
    assert "+ years" in stderr
    assert "no folder" in lamina("predict", "run", "people.csv", "--out", "nowhere/p.csv", code=2).stderr
