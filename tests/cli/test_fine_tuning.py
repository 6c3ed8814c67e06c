"""lamina fit --from MODEL: a trained network goes on, with its own preprocessing."""

import json
import os
import shutil

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import lamina as package
from lamina.cli.app import app
from lamina.persistence import load

from .conftest import QUICK

os.environ.setdefault("KERAS_BACKEND", "jax")

SHORT = ["--max-iter", "2", "--frozen-epochs", "2", "--quiet"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory, people_table):
    """A run that predicts prices from a table with all kinds of columns."""
    folder = tmp_path_factory.mktemp("trained")
    people_table.drop("class").write_csv(folder / "old.csv")
    words = ["fit", folder / "old.csv", "--target", "price", "--out", folder / "old", *QUICK]
    assert CliRunner().invoke(app, [str(word) for word in words]).exit_code == 0
    return folder / "old"


@pytest.fixture
def old(trained, people, tmp_path):
    """The same, in the working folder beside people.csv."""
    return shutil.copytree(trained, tmp_path / "old")


def test_the_run_folder_is_as_any_other(lamina, old, people, tmp_path):
    shuffled = people.select(reversed(people.columns)).with_columns(more=pl.lit(1.0))
    shuffled.write_csv(tmp_path / "new.csv")
    result = lamina("fit", "new.csv", "--from", "old", "--n-reused", "all", "--out", "run", *SHORT)
    assert "price (regression)" in result.stdout  # the target that the source knows
    assert "Reused 1 of 1 hidden layers of old." in result.stderr
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == sorted(p.name for p in old.iterdir())
    history = pl.read_csv(tmp_path / "run" / "history.csv")
    assert set(history["phase"]) == {"frozen", "fine-tuning"}
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["epochs"] == history.height == 4
    assert metrics["test"]["r2"] > load(old).score(people.drop("price"), people["price"]) - 0.5
    report = (tmp_path / "run" / "report.html").read_text()
    assert 'class="phase"' in report
    assert "&#39;old&#39;" in report  # the source, among the settings
    model = load(tmp_path / "run")
    assert model.columns_.preprocessing["encode"].columns_ == load(old)["encode"].columns_
    rows = people.drop("price", "more", strict=False)
    predicted = lamina("predict", "run", "people.csv").stdout
    assert predicted.count("\n") == 81
    np.testing.assert_allclose(model.predict(rows), pl.read_csv(predicted.encode())["prediction"], rtol=1e-5)
    assert json.loads(lamina("evaluate", "run", "people.csv", "--json").stdout)["rows"] == 80


def test_the_second_training_has_the_phases_of_the_best_epoch(lamina, old, people, tmp_path):
    lamina("fit", "people.csv", "--from", "old", "--n-reused", "1", "--out", "run", *SHORT)
    best = int(pl.read_csv(tmp_path / "run" / "history.csv")["val_loss"].arg_min()) + 1
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["refitted_epochs"] == best
    phases = load(tmp_path / "run").history_["phase"].tolist()
    assert phases == (["frozen"] * 2 + ["fine-tuning"] * 2)[:best]


def test_another_target_has_an_output_and_a_scale_of_its_own(lamina, old, people, tmp_path):
    """The target's scale would be wrong, and class numbers might mean something else."""
    people.with_columns(half=pl.col("price") / 2e4).write_csv(tmp_path / "half.csv")
    words = ["--from", "old/model.lamina", "--n-reused", "1", "--hidden", "8", *SHORT]
    lamina("fit", "half.csv", "--target", "half", "--out", "half", *words)
    model = load(tmp_path / "half")
    assert model.transformer_.mean_ == pytest.approx(people["price"].mean() / 2e4, rel=0.1)
    assert model.regressor_.target_transformer_ is None
    assert [w.shape[1] for w in model.regressor_.network_.coefs_] == [8, 8, 1]
    lamina("fit", "people.csv", "--target", "class", "--out", "classes", *words)
    assert load(tmp_path / "classes").classes_.tolist() == ["old", "young"]
    lamina("fit", "people.csv", "--target", "price", "--from", "classes", "--n-reused", "all", "--out", "back", *SHORT)
    assert load(tmp_path / "back").regressor_.n_reused_ == 2  # of a classifier, for a regression


def test_options_are_the_fine_tunings(lamina, old, tmp_path):
    words = ["--learning-rate-init", "0.002", "--layer-decay", "0.5", "--batch-size", "16", "--no-early-stopping"]
    lamina("fit", "people.csv", "--from", "old", "--n-reused", "1", "--seed", "3", "--out", "run", *words, *SHORT)
    parameters = load(tmp_path / "run").get_params()
    wanted = {"learning_rate": 0.002, "layer_decay": 0.5, "batch_size": 16, "early_stopping": False, "random_state": 3}
    wanted |= {"frozen_epochs": 2, "epochs": 2, "n_reused": 1, "alpha": 0.0001}  # the last one is no option's default
    assert {name: parameters[name] for name in wanted} == wanted
    (tmp_path / "c.toml").write_text('from = "old"\nn-reused = 1\nmax-iter = 1\n')
    assert "Reused 1 of 1" in lamina("fit", "people.csv", "--config", "c.toml", "--quiet").stderr


def test_layers_are_chosen_by_cross_validation(lamina, old):
    result = lamina("fit", "people.csv", "--from", "old", "--max-iter", "1", "--frozen-epochs", "1")
    assert "by cross-validation" in result.stderr
    assert "of 1 hidden layers of old" in result.stderr


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_keras_file(lamina, tmp_path):
    keras = pytest.importorskip("keras")
    layers = [keras.layers.Dense(6, "relu"), keras.layers.Dense(3, "softmax")]
    keras.Sequential([keras.Input((4,)), *layers]).save(tmp_path / "k.keras")
    result = lamina("fit", "iris", "--from", "k.keras", "--n-reused", "1", "--out", "run", *SHORT)
    assert "Reused 1 of 1 hidden layers of k.keras" in result.stderr
    error = lamina("fit", "wine", "--from", "k.keras", code=2).stderr
    assert "4 columns without names, and wine has 13" in error


MISTAKES = [
    (["people.csv", "--target", "city"], 'of which people lacks 1 beside its target: "city". Choose another target'),
    (["iris"], 'lacks 4 beside its target: "age", "city", "member", "since". Rename'),
    (["people.csv", "--n-reused", "5"], "the source has 1 hidden layers"),
    (["people.csv", "--n-reused", "few"], 'n-reused is "few". Expected a whole number, all or auto'),
    (["people.csv", "--learning-rate-init", "find"], "Expected a number"),
    (["people.csv", "--normalization", "batch"], "--normalization has no place beside --from"),
    (["people.csv", "--pretrain", "masked"], "--pretrain has no place beside --from"),
    (["people.csv", "--class-weight", "balanced"], "--class-weight does not suit a fine-tuning for regression"),
]


def test_mistakes(lamina, old):
    for words, sentence in MISTAKES:
        assert sentence in lamina("fit", *words, "--from", "old", code=2).stderr


def test_files_that_hold_no_network(lamina, old, people, tmp_path):
    (tmp_path / "cut.lamina").write_bytes((old / "model.lamina").read_bytes()[:2000])
    (tmp_path / "k.keras").write_text("no zip")
    (tmp_path / "empty").mkdir()
    for path in ("cut.lamina", "people.csv", "nothing", "empty"):
        assert "Error: " in lamina("fit", "people.csv", "--from", path, code=2).stderr
    pytest.importorskip("keras")
    for path in ("k.keras", "nothing.keras"):
        assert path in lamina("fit", "people.csv", "--from", path, code=2).stderr


def test_text_for_a_network_without_an_encoder(lamina, tmp_path):
    clf = package.MLPClassifier((4,), max_iter=20, tol=10, n_iter_no_change=2).fit(np.eye(4), [0, 1, 0, 1])
    clf.save(tmp_path / "plain.lamina")
    pl.DataFrame({"a": [1, 2] * 9, "b": ["x", "y"] * 9, "c": 1, "d": 2, "y": [0, 1] * 9}).write_csv(tmp_path / "t.csv")
    assert 'column "b" of t holds no numbers' in lamina("fit", "t.csv", "--from", "plain.lamina", code=2).stderr


def test_options_without_a_beginning(lamina):
    assert "Give --from MODEL" in lamina("fit", "iris", "--n-reused", "2", code=2).stderr
    assert "Give --from or --pretrain" in lamina("fit", "iris", "--frozen-epochs", "2", code=2).stderr
