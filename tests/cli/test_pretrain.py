"""lamina pretrain, and lamina fit --pretrain."""

import json

import polars as pl
import pytest

from lamina.persistence import load

from .conftest import QUICK


def test_the_run_folder_is_a_beginning(lamina, people, tmp_path):
    output = lamina("pretrain", "people.csv", "--target", "class", "--out", "run", *QUICK).stdout
    assert 'people: 80 rows, 5 columns to learn from, without "class"' in output
    files = "curves.png history.csv metrics.json model.lamina report.html report.json"
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == files.split()
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert (metrics["rows"], metrics["epochs"]) == ({"train": 60, "test": 20}, 4)
    assert f"reconstruction_error {metrics['test']['reconstruction_error']:.4f}" in output
    assert "people (autoencoder)" in (tmp_path / "run" / "report.html").read_text()
    assert load(tmp_path / "run").encoder_ is not None  # a loss for each column of a mixed table
    words = ["--from", "run", "--n-reused", "1", "--max-iter", "2", "--quiet"]
    assert "Reused 1 of 1" in lamina("fit", "people.csv", "--target", "class", *words).stderr
    for command in ("predict", "evaluate"):
        assert "lamina fit DATA --from run" in lamina(command, "run", "people.csv", code=2).stderr


TASKS = [("greedy", "explained_variance"), ("masked", "loss"), ("contrastive", "loss")]


@pytest.mark.parametrize(("task", "score"), TASKS)
def test_tasks(lamina, tmp_path, task, score):
    output = lamina("pretrain", "iris", "--task", task, "--out", "run", *QUICK).stdout
    assert 'without "species"' in output
    assert score in output
    history = pl.read_csv(tmp_path / "run" / "history.csv")
    assert ("phase" in history.columns) == (task == "greedy")


def test_the_explained_variance_is_that_of_the_encoded_columns(lamina, tmp_path):
    lamina("pretrain", "iris", "--out", "run", *QUICK)
    from lamina.cli.pretraining import Wish, _open

    tables = _open(Wish("iris", None, "autoencoder", None, 0.25, 3.0, False, {"seed": 0}))
    encoder, network = load(tmp_path / "run")
    rows = encoder.transform(tables.test)
    back = network.inverse_transform(network.transform(rows))
    expected = 1 - ((rows - back) ** 2).sum() / ((rows - rows.mean(axis=0)) ** 2).sum()
    scores = json.loads((tmp_path / "run" / "metrics.json").read_text())["test"]
    assert scores["explained_variance"] == pytest.approx(expected, abs=1e-5)


def test_mistakes(lamina, people, tmp_path):
    assert 'Did you mean "class"?' in lamina("pretrain", "people.csv", "--target", "clas", code=2).stderr
    assert "greedy" in lamina("pretrain", "iris", "--task", "greed", code=2).stderr
    assert "hidden is" in lamina("pretrain", "iris", "--hidden", "many", code=2).stderr
    people.select("class").write_csv(tmp_path / "one.csv")
    assert 'only the column "class"' in lamina("pretrain", "one.csv", "--target", "class", code=2).stderr
    assert not (tmp_path / "runs").exists()


def test_rows_without_a_target_are_pretrained_on(lamina, people, tmp_path):
    gaps = people.with_columns(pl.when(pl.int_range(80) < 40).then(None).otherwise(pl.col("class")).alias("class"))
    gaps.write_csv(tmp_path / "gaps.csv")
    words = ["--pretrain", "masked", "--frozen-epochs", "2", "--out", "run", *QUICK]
    result = lamina("fit", "gaps.csv", "--target", "class", *words)
    assert "No target, for pretraining alone: 40 rows." in result.stderr
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["rows"]["unlabelled"] == 40
    assert set(pl.read_csv(tmp_path / "run" / "history.csv")["phase"]) == {"frozen", "fine-tuning"}
    model = load(tmp_path / "run")
    assert model["mlp"].pretrain == "masked"
    assert model.predict(people.drop("class")).shape == (80,)


def test_mistakes_with_pretrain(lamina, tmp_path):
    pl.DataFrame({"a": range(20), "y": [-1, 1] * 10}).write_csv(tmp_path / "minus.csv")
    assert "Name that class otherwise" in lamina("fit", "minus.csv", "--pretrain", "masked", code=2).stderr
    assert 'Did you mean "masked"' in lamina("fit", "iris", "--pretrain", "mask", code=2).stderr
