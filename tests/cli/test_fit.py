"""lamina fit, from the table to the run folder."""

import json
import signal
import subprocess
import sys

import polars as pl
import pytest

import lamina as package
from lamina.persistence import load

from .conftest import QUICK


def test_the_run_folder_of_an_embedded_set(lamina, tmp_path):
    output = lamina("fit", "iris", *QUICK).stdout
    assert "iris: 150 rows, 4 columns" in output
    assert "species (classification, 3 classes)" in output
    assert "versicolor" in output
    folder = tmp_path / "runs" / "iris-1"
    assert str(folder.relative_to(tmp_path)) in output
    files = "curves.png diagnosis.json gradient_flow.csv history.csv metrics.json model.lamina report.html report.json"
    assert sorted(p.name for p in folder.iterdir()) == files.split()
    verdict = json.loads((folder / "diagnosis.json").read_text())["verdict"]
    assert output.splitlines()[-1] == f"Report  {folder.relative_to(tmp_path) / 'report.html'} - {verdict}"
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["rows"] == {"train": 112, "test": 38}
    assert f"{metrics['test']['accuracy']:.4f}" in output
    history = pl.read_csv(folder / "history.csv")
    assert history.columns == ["epoch", "loss", "val_loss", "val_score", "learning_rate", "seconds"]
    assert history.height == metrics["epochs"] == 4
    lamina("fit", "iris", *QUICK)
    assert (tmp_path / "runs" / "iris-2" / "model.lamina").exists()


def test_an_ensemble(lamina, tmp_path):
    """Row 109: no callback measures its gradients, so the doctor is silent; everything else is as for one network."""
    output = lamina("fit", "iris", "--out", "run", "--n-members", "3", "--bootstrap", *QUICK).stdout
    assert "the doctor has not seen this training" in output
    model = load(tmp_path / "run")
    assert len(model["mlp"].estimators_) == 3
    assert pl.read_csv(tmp_path / "run" / "history.csv").height == 4
    report = (tmp_path / "run" / "report.html").read_text()
    assert "averaged over 3 networks" in report
    error = lamina("fit", "iris", "--n-members", "3", "--time-budget", "5", *QUICK, code=2).stderr
    assert "time_budget is for a single network" in error


def test_the_saved_model_takes_raw_rows(lamina, people, tmp_path):
    output = lamina("fit", "people.csv", "--out", "run", *QUICK).stdout
    assert "class (classification, 2 classes)" in output
    model = load(tmp_path / "run")
    assert model.classes_.tolist() == ["old", "young"]
    rows = people.drop("class")
    assert model.predict_proba(rows).shape == (80, 2)
    assert (model.predict(rows.to_pandas()) == model.predict(rows)).all()


def test_the_encoder_never_sees_the_test_rows(lamina, tmp_path):
    lamina("fit", "iris", "--out", "a", "--seed", "1", *QUICK)
    lamina("fit", "iris", "--out", "b", "--seed", "2", *QUICK)
    lamina("fit", "iris", "--out", "c", "--seed", "1", *QUICK)
    a, b, c = (load(tmp_path / name)["encode"].columns_ for name in "abc")
    assert a != b
    assert a == c


def test_the_same_seed_gives_the_same_model(lamina, tmp_path):
    for name in ("a", "b"):
        lamina("fit", "iris", "--out", name, "--seed", "3", *QUICK)
    model_a, model_b = (load(tmp_path / name)["mlp"] for name in "ab")
    assert all((p == q).all() for p, q in zip(model_a.coefs_, model_b.coefs_, strict=True))


def test_a_regression_of_large_numbers(lamina, people, tmp_path):
    quick = ["--hidden", "16", "--max-iter", "150", "--learning-rate-init", "0.01", "--quiet"]
    output = lamina("fit", "people.csv", "--target", "price", "--out", "run", *quick).stdout
    assert "price (regression)" in output
    assert json.loads((tmp_path / "run/metrics.json").read_text())["test"]["r2"] > 0.5


def test_task_decides(lamina, people):
    assert "(regression)" in lamina("fit", "digits", "--task", "regression", *QUICK).stdout
    assert (
        "numbers with fractions"
        in lamina("fit", "diabetes", "--target", "bmi", "--task", "classification", code=2).stderr
    )
    lamina("fit", "people.csv", "--task", "guessing", code=2)


def test_rows_without_target_are_dropped(lamina, people, tmp_path):
    gaps = people.with_columns(pl.when(pl.int_range(80) < 10).then(None).otherwise(pl.col("class")).alias("class"))
    gaps.write_parquet(tmp_path / "gaps.parquet")
    result = lamina("fit", "gaps.parquet", *QUICK)
    assert "Dropped 10 rows" in result.stderr
    assert "70 rows" in result.stdout


def test_options_reach_the_estimator(lamina, tmp_path):
    words = ["--solver", "sgd", "--momentum", "0.5", "--batch-size", "16", "--class-weight", "balanced", "--no-shuffle"]
    lamina("fit", "iris", "--out", "run", "--no-early-stopping", "--clip", "0", *words, *QUICK)
    model = load(tmp_path / "run")
    wanted = {"solver": "sgd", "momentum": 0.5, "batch_size": 16, "class_weight": "balanced", "shuffle": False}
    parameters = model["mlp"].get_params() | {}
    assert {name: parameters[name] for name in wanted} == wanted
    assert parameters["hidden_layer_sizes"] == (8,)
    assert parameters["early_stopping"] is False
    assert model["encode"].clip is None


def test_the_learning_rate_is_found(lamina, tmp_path):
    """Row 70: once, by the first training; the second one uses it."""
    lamina("fit", "iris", "--out", "run", "--learning-rate-init", "find", *QUICK)
    network = load(tmp_path / "run")["mlp"]
    assert network.learning_rate_init_ != 0.001
    assert network.learning_rate_init_ == network.learning_rate_init
    rates = pl.read_csv(tmp_path / "run/history.csv")["learning_rate"]
    assert rates[0] == pytest.approx(network.learning_rate_init_)


def test_a_second_training_uses_every_training_row(lamina, tmp_path):
    quick = ["--hidden", "8", "--max-iter", "5", "--quiet"]
    for name, word in (("yes", "--refit"), ("no", "--no-refit")):
        lamina("fit", "iris", "--out", name, word, *quick)
    facts = {name: json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("yes", "no")}
    assert facts["no"]["refitted_epochs"] == 0
    epochs = facts["yes"]["refitted_epochs"]
    losses = pl.read_csv(tmp_path / "yes/history.csv")["val_loss"]
    assert epochs == losses.arg_min() + 1
    assert load(tmp_path / "yes")["mlp"].n_iter_ == epochs


def test_a_rare_class_turns_early_stopping_off(lamina, tmp_path):
    frame = pl.DataFrame({"x": range(41), "kind": ["a", "b"] * 20 + ["rare"]})
    frame.write_csv(tmp_path / "rare.csv")
    assert "too few" in lamina("fit", "rare.csv", *QUICK).stderr


def test_a_constant_column_with_gaps_trains(lamina, tmp_path):
    frame = pl.DataFrame({"x": range(40), "same": [1.0, None] * 20, "y": [True, False] * 20})
    frame.write_csv(tmp_path / "same.csv")
    lamina("fit", "same.csv", *QUICK)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nothing.csv"], "does not exist"),
        (["iriss"], 'Did you mean "iris"'),
        (["iris", "--target", "specie"], 'Did you mean "species"'),
        (["iris", "--activation", "rellu"], 'Did you mean "relu"'),
        (["iris", "--hidden", "many"], "Expected whole numbers"),
        (["iris", "--batch-size", "all"], "a whole number or auto"),
        (["iris", "--learning-rate-init", "fnid"], "a number or find"),
        (["iris", "--test-size", "1.5"], "between 0 and 1"),
        (["short.csv"], "at least"),
        (["same.csv"], "one class only"),
        (["alone.csv"], "only the column"),
        (["semicolons.csv"], "separated by commas"),
        (["iris", "--out", "/dev/null/run"], "can't be a folder"),
        (["inf.csv"], 'Column "a" has infinite values'),
    ],
)
def test_mistakes_are_one_sentence_and_leave_nothing(lamina, tmp_path, words, sentence):
    (tmp_path / "short.csv").write_text("a,y\n1,b\n")
    (tmp_path / "same.csv").write_text("a,y\n" + "1,b\n" * 9)
    (tmp_path / "alone.csv").write_text("y\n1\n2\n")
    (tmp_path / "semicolons.csv").write_text("a;y\n1;2\n")
    (tmp_path / "inf.csv").write_text("a,y\n" + "1.5,b\ninf,c\n" * 9)
    result = lamina("fit", *words, code=2)
    assert sentence in result.stderr
    assert result.stderr.startswith("Error: ")
    runs = tmp_path / "runs"
    assert not runs.exists() or not any(runs.iterdir())


def test_interrupted_training_is_saved(lamina, tmp_path, monkeypatch):
    from lamina.callbacks.progress import RichProgress

    def press_ctrl_c(self, epoch, logs=None):
        if epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(RichProgress, "on_epoch_end", press_ctrl_c)
    lamina("fit", "iris", "--hidden", "8", "--out", "run", code=130)
    assert json.loads((tmp_path / "run/metrics.json").read_text())["interrupted"] is True
    assert "<dt>interrupted</dt><dd>yes</dd>" in (tmp_path / "run/report.html").read_text(encoding="utf-8")
    measured = pl.read_csv(tmp_path / "run/gradient_flow.csv")["epoch"]
    assert measured.max() == 3  # measured within the third epoch, before the interruption
    assert len(load(tmp_path / "run").predict(_iris())) == 150


def test_ctrl_c_before_the_first_epoch_keeps_the_older_model(lamina, tmp_path, monkeypatch):
    from lamina.engine import loop

    lamina("fit", "iris", "--out", "run", *QUICK)
    older = (tmp_path / "run/model.lamina").read_bytes()

    def press_ctrl_c(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "dispatch_inputs", press_ctrl_c)
    assert "no model was written" in lamina("fit", "iris", "--out", "run", *QUICK, code=130).stderr
    assert (tmp_path / "run/model.lamina").read_bytes() == older
    lamina("fit", "iris", *QUICK, code=130)
    assert not any((tmp_path / "runs").iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for a child process")
@pytest.mark.parametrize("moment", ["epoch   20/", "Training anew"])
def test_a_real_ctrl_c(tmp_path, moment):
    endless = ["--max-iter", "1000000", "--n-iter-no-change", "1000000"]
    words = ["fit", "iris", "--hidden", "8", "--out", "run", *(endless if "epoch" in moment else ["--max-iter", "5"])]
    code = "from lamina.cli import main; main()"
    command = [sys.executable, "-c", code, *words]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if moment in line:
                process.send_signal(signal.SIGINT)
                break
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert len(load(tmp_path / "run").predict(_iris())) == 150
    assert pl.read_csv(tmp_path / "run/history.csv").height >= 5


def test_divergence_keeps_the_older_model_and_says_what_to_try(lamina, tmp_path):
    lamina("fit", "iris", "--out", "run", *QUICK)
    older = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    stderr = lamina("fit", "iris", "--out", "run", "--learning-rate-init", "1e9", *QUICK, code=1).stderr
    assert "Try a smaller --learning-rate-init (now 1e+09)" in stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == older


def test_lbfgs(lamina, tmp_path):
    result = lamina("fit", "iris", "--solver", "lbfgs", "--hidden", "8", "--tol", "0.01", "--out", "run")
    assert "epoch    1/500  loss" in result.stderr
    metrics = json.loads((tmp_path / "run/metrics.json").read_text())
    assert metrics["test"]["accuracy"] > 0.85
    assert pl.read_csv(tmp_path / "run/history.csv").height == metrics["epochs"]
    assert (tmp_path / "run/curves.png").exists()
    assert 'id="curves"' in (tmp_path / "run/report.html").read_text(encoding="utf-8")


def test_what_the_doctor_said_of_an_older_training_is_forgotten(lamina, tmp_path):
    lamina("fit", "iris", "--out", "run", *QUICK)
    output = lamina("fit", "iris", "--out", "run", "--solver", "lbfgs", "--tol", "1", *QUICK).stdout
    assert output.splitlines()[-1] == "Report  run/report.html - the doctor has not seen this training"
    assert not (tmp_path / "run/diagnosis.json").exists()
    assert not (tmp_path / "run/gradient_flow.csv").exists()


def test_a_training_outlives_its_doctor(lamina, tmp_path, monkeypatch):
    for error, code in ((RuntimeError("no idea"), 0), (KeyboardInterrupt(), 130)):

        def fail(*_, error=error):
            raise error

        monkeypatch.setattr(package.inspection, "record_of", fail)
        result = lamina("fit", "iris", "--out", "run", *QUICK, code=code)
        assert "the doctor has not seen this training" in result.stdout
        assert ("doctor failed on this training (RuntimeError: no idea). This is a fault of" in result.stderr) is (
            code == 0
        )
        assert (tmp_path / "run/report.html").exists()


def test_names_cannot_command_the_terminal(lamina, tmp_path):
    labels = ["x\x1b[2J", "y\u202e"] * 20
    pl.DataFrame({"a\x07": range(40), "t\x1b]0;own\x07": labels}).write_csv(tmp_path / "names.csv")
    results = [
        lamina("fit", "names.csv", "--out", "run", *QUICK),
        lamina("evaluate", "run", "names.csv"),
        lamina("fit", "names.csv", "--target", "t\x1b]0;pwn\x07", code=2),
    ]
    for result in results:
        assert not {"\x1b", "\x07", "\u202e"} & set(result.output)
        assert "\ufffd" in result.output


def test_a_small_regression_trains(lamina, tmp_path):
    pl.DataFrame({"x": range(12), "y": [0.5 * i for i in range(12)]}).write_csv(tmp_path / "small.csv")
    assert "Early stopping is off: 9 training rows" in lamina("fit", "small.csv", *QUICK).stderr


def test_interrupted_elsewhere(lamina, monkeypatch):
    def press_ctrl_c(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(package.datasets, "load", press_ctrl_c)
    lamina("fit", "iris", code=130)


def _iris():
    return package.datasets.load("iris")[0]


def test_a_preset_leaves_what_was_typed(lamina, tmp_path):
    """Row 136."""
    fitted = lamina("fit", "iris", "--out", "run", "--preset", "self_normalizing", "--dropout", "0.1", *QUICK)
    assert "SELU" not in fitted.stderr  # its inputs are scaled
    network = load(tmp_path / "run")["mlp"]
    assert (network.activation, network.kernel_initializer, network.learning_rate) == (
        "selu",
        "lecun_normal",
        "onecycle",
    )
    assert network.dropout == 0.1
    assert len(network.history_["epoch"]) <= 4  # QUICK's own number of epochs, not the preset's
    assert "Did you mean" in lamina("fit", "iris", "--preset", "spars", *QUICK, code=2).stderr


def test_losses_scores_and_time(lamina, people, tmp_path):
    """Rows 87, 91, 93, 138 from the command line."""
    given = {"loss": "binary_focal_crossentropy", "label_smoothing": 0.1, "scoring": "f1", "time_budget": 60.0}
    words = [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", value)]
    lamina("fit", "people.csv", "--out", "run", *words, *QUICK)
    parameters = load(tmp_path / "run")["mlp"].get_params()
    assert {name: parameters[name] for name in given} == given
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["refitted_epochs"] == 0
    lamina("fit", "people.csv", "--target", "price", "--out", "b", "--loss", "huber", "--scoring", "mae", *QUICK)
    assert load(tmp_path / "b")["mlp"].regressor_.loss == "huber"
    assert 'Unknown MLPClassifier loss "huber"' in lamina("fit", "people.csv", "--loss", "huber", *QUICK, code=2).output
