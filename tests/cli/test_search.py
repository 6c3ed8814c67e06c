"""lamina search, from the grid to the run folder."""

import json
import re

import numpy as np
import polars as pl
import pytest

from lamina import MLPClassifier, datasets
from lamina.cli.training import split
from lamina.data.encode import TableEncoder
from lamina.neural_network import population
from lamina.persistence import load
from lamina.search.journal import Journal

QUICK = ["--max-iter", "5", "--quiet", "--cv", "3"]
GRID = """
[grid]
hidden = [[8], [6, 4]]
learning-rate-init = [0.01, 0.1]
"""


@pytest.fixture
def search(lamina, tmp_path):
    """`lamina search` with a grid."""

    def run(data, *words, grid=GRID, code=0):
        (tmp_path / "g.toml").write_text(grid)
        return lamina("search", data, "--grid", "g.toml", *QUICK, *words, code=code)

    return run


def facts_of(folder):
    return json.loads((folder / "metrics.json").read_text())


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_the_scores_are_those_of_separate_fits(search, tmp_path):
    """Rows 144, 145: encoder and networks are fitted on the training part of each fold, by scikit-learn's search."""
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import Pipeline

    search("iris", "--out", "run", "--alpha", "0.01", "--no-early-stopping")
    frame, target, task = datasets.load("iris")
    values = frame[target].to_numpy()
    rows, _ = split(values, task, 0.25, 0)
    network = MLPClassifier(alpha=0.01, max_iter=5, n_iter_no_change=20, dtype="float32", random_state=0)
    pipeline = Pipeline([("encode", TableEncoder(clip=3.0)), ("mlp", network)])
    grid = {"mlp__hidden_layer_sizes": [(8,), (6, 4)], "mlp__learning_rate_init": [0.01, 0.1]}
    theirs = GridSearchCV(pipeline, grid, cv=3, refit=False).fit(frame.drop(target)[rows], values[rows])
    ours = pl.read_csv(tmp_path / "run" / "search.csv")
    assert ours["param_hidden_layer_sizes"].to_list() == ["8", "8", "6,4", "6,4"]
    assert ours["param_learning_rate_init"].to_list() == [0.01, 0.1, 0.01, 0.1]
    for name in ("mean_test_score", "std_test_score", "rank_test_score", "split2_test_score"):
        np.testing.assert_allclose(ours[name], theirs.cv_results_[name], atol=1e-6)
    facts = facts_of(tmp_path / "run")["search"]
    assert facts["score"] == pytest.approx(theirs.best_score_, abs=1e-6)
    assert facts["best"]["learning_rate_init"] == theirs.best_params_["mlp__learning_rate_init"]


def test_it_ends_as_a_fit_of_the_best_setting(search, lamina, tmp_path):
    result = search("iris")
    folder = tmp_path / "runs" / "iris-1"
    best = facts_of(folder)["search"]["best"]
    sizes = ",".join(map(str, best["hidden_layer_sizes"]))
    words = ["--hidden", sizes, "--learning-rate-init", best["learning_rate_init"], "--max-iter", "5", "--quiet"]
    fitted = lamina("fit", "iris", "--out", "fit", *words)
    weights = [load(path)["mlp"].coefs_ for path in (folder, tmp_path / "fit")]
    assert all((a == b).all() for a, b in zip(*weights, strict=True))
    assert facts_of(folder)["test"] == facts_of(tmp_path / "fit")["test"]
    files = {path.name for path in folder.iterdir()}
    assert files == {path.name for path in (tmp_path / "fit").iterdir()} | {"search.csv"}
    verdict = fitted.stdout.splitlines()[-1].partition(" - ")[2]
    *_, found, _, last = result.stdout.splitlines()
    assert last == f"Report  runs/iris-1/report.html - {verdict}"
    assert found.startswith(f"Best    hidden_layer_sizes={tuple(best['hidden_layer_sizes'])}, learning_rate_init=0.")
    assert f"accuracy {facts_of(folder)['search']['score']:.4f} (mean of 3 folds" in found


def test_the_report_shows_the_settings(search, lamina, tmp_path):
    search("iris", "--out", "run", "--no-refit")
    report = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    part = report.partition('<section id="search"')[2].partition("</section>")[0]
    assert "<caption>The best 4 of 4 settings by accuracy</caption>" in part
    heads = re.findall(r'<th scope="col">(.*?)</th>', part)
    assert heads == ["rank", "mean", "deviation", "hidden layer sizes", "learning rate init", "seconds to fit"]
    assert len(re.findall(r'<th scope="row">', part)) == 4
    assert "<td>6,4</td>" in part
    lamina("fit", "iris", "--out", "run", "--hidden", "8", "--max-iter", "3", "--quiet")
    assert not (tmp_path / "run" / "search.csv").exists()
    assert 'id="search"' not in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")


def test_the_same_command_goes_on_after_an_interruption(search, tmp_path, monkeypatch):
    """What was over is not trained again, and the scores are those of a search in one go."""
    grid = "[grid]\nsolver = ['adam', 'sgd', 'nadam', 'rmsprop']"
    monkeypatch.setattr("lamina.search.full.cpu_count", lambda: 1)  # a journal entry after each solver
    with monkeypatch.context() as patch:
        written, add = [], Journal.add

        def press_ctrl_c(self, results):
            add(self, results)
            written.append(len(results))
            if len(written) == 2:
                raise KeyboardInterrupt

        patch.setattr(Journal, "add", press_ctrl_c)
        stopped = search("iris", grid=grid, code=130)
    assert written == [3, 3]
    folder = tmp_path / "runs" / "iris-1"
    assert sorted(path.name for path in folder.iterdir()) == ["search.journal", "search.json"]
    assert "the same command goes on from there" in stopped.stderr
    trained, start = [], population._start
    monkeypatch.setattr(population, "_start", lambda job, *more: (trained.append(job), start(job, *more))[1])
    search("iris", "--seed", "1", grid=grid)  # another search has a folder of its own
    trained.clear()
    resumed = search("iris", grid=grid)
    assert "Going on from runs/iris-1/search.journal" in resumed.stderr
    assert len(trained) == 6
    assert not {"search.journal", "search.json"} & {path.name for path in folder.iterdir()}
    search("iris", "--checkpoint", "own.journal", grid=grid)
    scores = [pl.read_csv(tmp_path / f"runs/iris-{n}/search.csv")["mean_test_score"].to_list() for n in (1, 3)]
    assert scores[0] == scores[1]
    assert (tmp_path / "own.journal").exists()


def test_halving_of_a_regression_in_the_units_of_the_target(search, people, tmp_path):
    """Row 144."""
    grid = "[grid]\nlearning_rate_init = {low = 1e-3, high = 0.1, log = true}\nhidden = [[8]]"
    words = ["--target", "price", "--strategy", "halving", "--n-iter", "5", "--scoring", "neg_mean_absolute_error"]
    result = search("people.csv", *words, "--max-iter", "9", "--out", "run", grid=grid)
    facts = facts_of(tmp_path / "run")["search"]
    assert -1e6 < facts["score"] < -1000
    rows = pl.read_csv(tmp_path / "run" / "search.csv")
    assert rows["n_resources"].to_list() == [3] * 5 + [9] * 2
    assert rows.filter(pl.col("n_resources") == 9)["mean_test_score"].max() == pytest.approx(facts["score"])
    assert "neg_mean_absolute_error -" in result.stdout
    assert "dropped earlier" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")


def test_a_loss_of_ratios_keeps_the_target_as_it_is(search, people, tmp_path):
    grid = "[grid]\nloss = ['poisson']\nlearning_rate_init = [0.01, 0.1]"
    search("people.csv", "--target", "price", "--out", "run", grid=grid)
    assert type(load(tmp_path / "run")["mlp"]).__name__ == "MLPRegressor"
    mixed = grid.replace("'poisson'", "'poisson', 'huber'")
    assert "Search them in two runs" in search("people.csv", "--target", "price", grid=mixed, code=2).stderr


def test_settings_that_fail_come_last(search, tmp_path):
    result = search("iris", "--out", "run", grid="[grid]\nlearning_rate_init = [1e9, 0.01]")
    assert "Warning: 1 of the settings failed in some fold, such as learning_rate_init=1e+09." in result.stderr
    assert pl.read_csv(tmp_path / "run" / "search.csv")["mean_test_score"].to_list()[0] is None
    none = search("iris", grid="[grid]\nlearning_rate_init = [1e9, 1e8]", code=1)
    assert none.stderr.startswith("Error: The search failed: ")
    assert not any((tmp_path / "runs").iterdir())


def test_rows_too_few_for_early_stopping_in_a_fold(search, tmp_path):
    pl.DataFrame({"x": range(16), "y": [0.5 * i for i in range(16)]}).write_csv(tmp_path / "small.csv")
    result = search("small.csv", grid="[grid]\nalpha = [0.1, 1]")
    assert "Early stopping is off: 8 training rows" in result.stderr


@pytest.mark.parametrize(
    ("grid", "words", "sentence"),
    [
        ("[grid]\nalhpa = [1]", [], 'g.toml: Unknown parameter "alhpa". Did you mean "alpha"'),
        ("[grid]\nhiden = [[8]]", [], 'Unknown parameter "hiden". Did you mean "hidden"'),
        ("[grid]\nsolver = ['adm']", [], 'Did you mean "adam"'),
        ("[grid]\nalpha = [1, -1]", [], "g.toml: MLPClassifier expects alpha to be a number at least 0. Received"),
        ("[grid]\ndropout = {low = 0.1, high = 1.5}", ["--n-iter", "1"], "Received dropout=1.5"),
        ("[grid]\nclipnorm = [1]\nclipvalue = [1]", [], "clipped in one way"),
        ("[grid]\nsolver = ['lbfgs']", ["--strategy", "halving"], "cannot be paused"),
        ("[grid]\nalpha = 1", [], "Expected a list"),
        (GRID, ["--activation", "rellu"], 'Did you mean "relu"'),
        (GRID, ["--scoring", "acuracy"], 'Did you mean "accuracy"'),
        (GRID, ["--scoring", "f1"], 'scoring is "f1", which does not suit this classification'),
        (GRID, ["--cv", "1"], "cv is 1"),
        (GRID, ["--cv", "100"], "cv is 100"),
        (GRID, ["--target", "specie"], 'Did you mean "species"'),
        (GRID, ["--checkpoint", "nowhere/journal"], "no folder for nowhere/journal"),
    ],
)
def test_mistakes_are_one_sentence_before_any_training(search, tmp_path, monkeypatch, grid, words, sentence):
    monkeypatch.setattr(population, "_start", lambda *_: pytest.fail("it trains"))
    result = search("iris", *words, grid=grid, code=2)
    assert sentence in result.stderr
    assert result.stderr.startswith("Error: ")
    assert not (tmp_path / "runs").exists()


def test_an_older_model_outlives_another_search(search, tmp_path):
    """A journal of another search in the folder is an error, not overwritten."""
    search("iris", "--out", "run", "--checkpoint", "one.journal")
    model = (tmp_path / "run" / "model.lamina").read_bytes()
    error = search("iris", "--out", "run", "--checkpoint", "one.journal", "--seed", "3", code=2).stderr
    assert "is the journal of another search" in error
    assert (tmp_path / "run" / "model.lamina").read_bytes() == model


def test_help_names_its_own_options_and_those_of_fit(lamina):
    text = lamina("search", "--help").output
    assert all(word in text for word in ("--grid", "--strategy", "--checkpoint", "--hidden", "--early-stopping"))
    assert text.count("--scoring") == 1
    assert "lamina fit" in text
    assert "Missing option" in lamina("search", "iris", code=2).stderr


def test_after_an_interruption_of_the_last_training_the_search_is_known(search, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("lamina.cli.searching.complete", lambda *_: True)
        search("iris", code=130)
    monkeypatch.setattr("lamina.search.full.train", lambda *_: pytest.fail("it searches again"))
    search("iris")
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["iris-1"]
    assert not (tmp_path / "runs" / "iris-1" / "search.journal").exists()
