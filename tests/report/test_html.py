"""The page: its parts, its size, and names from the data that try to break out of it."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_iris, load_linnerud
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import lamina
from lamina import Autoencoder, MLPClassifier, MLPRegressor
from lamina.errors import FileError, InvalidParameter
from lamina.neural_network.network import Network
from lamina.report import make_report
from lamina.report.contents import Contents
from lamina.report.html import loss_charts, render, render_curve
from lamina.reuse import FineTuneClassifier

ALLOWED = (
    "html head meta link title style body a header h1 h2 h3 p strong dl div dt dd nav ul ol li main section details "
    "summary span figure figcaption svg path text rect circle table caption thead tbody tr th td footer"
)


class Outline(HTMLParser):
    """The tags of a page with their attributes, its headings, and its texts."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page(wine):
    model, flow, X, y = wine
    from lamina.inspection import Diagnosis
    from lamina.report.contents import of_estimator

    return render(of_estimator(model, X, y, flow, Diagnosis([]), None))


def test_nothing_from_the_data_becomes_markup(hostile_run):
    text = (hostile_run / "report.html").read_text(encoding="utf-8")
    outline = Outline(text)
    assert {tag for tag, _ in outline.tags} <= set(ALLOWED.split())
    attributes = {name for _, given in outline.tags for name in given}
    assert not any(name.startswith("on") or name in ("src", "srcset", "srcdoc", "action") for name in attributes)
    links = {given["href"] for given in outline.all("a") + outline.all("link")}
    assert all(link.startswith("#") or link == "data:," for link in links)
    shown = "".join(outline.texts)
    assert "<script>alert(1)</script>" in shown
    assert "{{ 7 * 7 }}{% endraw %}" in shown
    assert 'target<i onmouseover="alert(5)">' in shown
    assert '<img src=x onerror=alert(6)>": target' in shown
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\ud800-\udfff]", text)
    assert "x" * 81 not in text


def test_half_characters_of_file_names_can_be_written(tmp_path):
    assert "a\ufffdb" in render(Contents(title="a\udcffb")).encode().decode()


def test_no_network_and_no_scripts(page):
    outline = Outline(page)
    assert not outline.all("script")
    assert not re.search(r"https?://|url\(|@import", page)
    policy = next(given["content"] for given in outline.all("meta") if "http-equiv" in given)
    assert policy.startswith("default-src 'none'")


def test_parts_headings_and_names_for_screen_readers(page):
    outline = Outline(page)
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    parts = [given["id"] for given in outline.all("section")]
    assert parts == ["findings", "curves", "flow", "classes", "uncertain", "data", "settings", "timing"]
    ids = {given["id"] for _, given in outline.tags if "id" in given}
    assert {given["aria-labelledby"] for given in outline.all("section")} <= ids
    assert [given["href"][1:] for given in outline.all("a")] == ["main", *parts]
    pictures = [given for given in outline.all("svg") if given.get("aria-label")]
    assert len(pictures) == 3
    assert all(given["role"] == "img" for given in pictures)
    assert len(outline.all("svg")) == len(pictures) + page.count('class="legend" aria-hidden="true"') * 2
    assert all(given["scope"] in ("row", "col") for given in outline.all("th"))
    assert len(outline.all("caption")) == len(outline.all("table"))


def test_the_numbers_of_the_curves_are_there_as_text(page, wine):
    model = wine[0]
    for loss in model.history_["loss"]:
        assert f"{loss:.4g}" in page


def test_residuals(diabetes, tmp_path):
    model, X, y = diabetes
    text = make_report(model, tmp_path / "r.html", X, y).read_text(encoding="utf-8")
    outline = Outline(text)
    assert len(outline.all("circle")) == len(y)
    assert "Residuals by prediction" in text
    assert "with dropout left on" in text


def test_a_model_of_the_keras_door(images, tmp_path):
    model, flow, X, y = images
    text = make_report(model, tmp_path / "r.html", X, y, gradient_flow=flow).read_text(encoding="utf-8")
    parts = [given["id"] for given in Outline(text).all("section")]
    assert parts == ["curves", "flow", "classes", "uncertain", "data", "settings", "timing"]
    assert "<strong>Accuracy</strong>: training from" in text
    assert "best accuracy: epoch" in text


def test_several_targets(tmp_path):
    X, y = load_linnerud(return_X_y=True, as_frame=True)
    y.columns = ["Weight", "<i>Waist</i>", "Pulse"]
    model = MLPRegressor(hidden_layer_sizes=(4,), tol=1e6, n_iter_no_change=2, random_state=0).fit(X, y)
    text = make_report(model, tmp_path / "r.html", X, y).read_text(encoding="utf-8")
    outline = Outline(text)
    assert [given["id"] for given in outline.all("section")] == ["curves", "targets", "data", "settings", "timing"]
    assert outline.texts.count("<i>Waist</i>") == 2


def test_what_is_not_known_is_left_out():
    outline = Outline(render(Contents(title="Nothing")))
    assert outline.all("section") == []
    assert loss_charts({"epoch": np.array([]), "loss": np.array([])}) == []
    assert loss_charts({"epoch": np.array([1]), "loss": np.array([np.nan])}) == []


def test_large_runs_stay_below_3_mb():
    n, layers = 20_000, 300
    history = {name: np.linspace(1, 2, n) for name in ("loss", "val_loss", "val_score", "learning_rate")}
    flow = {"epoch": np.repeat(np.arange(500), layers), "layer": [f"dense_{k}" for k in range(layers)] * 500}
    quantities = ("gradient_norm", "weight_norm", "update_ratio", "activation_std", "dead", "saturated")
    flow |= {name: np.full(500 * layers, 0.123456) for name in quantities}
    long = "<" * 80
    residuals = {"predicted": [0.123456789] * 1000, "residual": [0.123456789] * 1000}
    residuals |= {"edges": list(range(21)), "counts": [1] * 20, "tenths": []}
    matrix = {"n_classes": 20, "report": [], "names": [long] * 20, "matrix": [[10**6] * 20] * 20, "mistakes": []}
    rows = [{"number": 1, "truth": long, "predicted": long, "doubt": 1.0, "cells": [long] * 6}] * 15
    uncertain = {"heading": "", "measure": "", "columns": [long] * 6, "rows": rows}
    column = {"name": long, "kind": "text", "missing": 0.0, "low": None, "mean": None, "high": None, "text": 3 * long}
    page = render(
        Contents(
            title="Large",
            history={"epoch": np.arange(1, n + 1), **history},
            flow=flow,
            evaluation={"classes": matrix, "residuals": residuals, "uncertain": uncertain},
            data={"n_rows": 10**9, "n_columns": 10**6, "columns": [column] * 200},
        )
    )
    assert 300_000 < len(page.encode()) < 3_000_000


def test_a_run_folder_is_enough(hostile_run, tmp_path):
    again = make_report(hostile_run, tmp_path / "again.html")
    assert again.read_bytes() == (hostile_run / "report.html").read_bytes()
    assert make_report(str(hostile_run), str(tmp_path / "b.html")).read_bytes() == again.read_bytes()
    assert lamina.report.make_report is make_report


def test_mistakes(wine, hostile_run, tmp_path):
    model, _, X, y = wine
    for given, sentence in (((model, X), "one of X and y"), ((hostile_run, X, y), "the folder alone")):
        with pytest.raises(InvalidParameter, match=sentence):
            make_report(given[0], tmp_path / "r.html", *given[1:])
    with pytest.raises(FileError, match="no run folder"):
        make_report(tmp_path, tmp_path / "r.html")
    with pytest.raises(FileError, match="there is no folder"):
        make_report(model, tmp_path / "no" / "r.html")
    assert list(tmp_path.iterdir()) == []


def test_notebooks_show_the_curve_of_a_fitted_estimator(wine):
    curve = render_curve(wine[0].history_)
    assert wine[0]._repr_html_().endswith(curve)
    assert wine[0]._repr_mimebundle_()["text/html"].endswith(curve)
    assert Outline(curve).all("path")
    fresh = MLPClassifier((4,))
    assert '<svg class="chart"' not in fresh._repr_html_()
    X, y = load_iris(return_X_y=True)
    with pytest.warns(UserWarning, match="iterations"):
        fresh.set_params(solver="lbfgs", max_iter=2).fit(X, y)
    assert '<svg class="chart"' in fresh._repr_html_()


def test_notebooks_compute_nothing_to_show_an_estimator(wine, monkeypatch):
    """Neither alone nor within a pipeline."""

    def compute(*_):
        raise AssertionError("a property was computed")

    monkeypatch.setattr(Network, "feature_importances_", property(compute))
    monkeypatch.setattr(Network, "model_", property(compute))
    for shown in (wine[0], make_pipeline(FunctionTransformer(), wine[0])):
        assert "loss_curve_" in shown._repr_html_()


def test_phases_are_seen_told_and_in_the_table():
    phases = ["frozen"] * 2 + ["<b>tuning"] * 2
    history = {"epoch": np.arange(1, 5), "loss": np.arange(4.0, 0, -1), "phase": np.array(phases)}
    page = render(Contents("A", history=history))
    assert "<b>" not in page
    assert page.count('class="phase"') == 1
    assert 'text-anchor="middle">&lt;b&gt;tuning</text>' in page
    assert "frozen to epoch 2" in page
    assert "<td>frozen</td>" in page


def test_a_fine_tuned_network(wine, tmp_path):
    """Its own settings and the epochs of all its phases; rows go through the source's preprocessing."""
    source, _, X, y = wine
    pipe = make_pipeline(FunctionTransformer(), source)
    tuned = FineTuneClassifier(pipe, 1, frozen_epochs=1, epochs=2, dropout=0.2, new_hidden=4, random_state=0).fit(X, y)
    page = make_report(tuned, tmp_path / "report.html", X, y).read_text(encoding="utf-8")
    assert "<h1>FineTuneClassifier</h1>" in page
    assert "frozen to epoch 1; fine-tuning to epoch 3" in page
    assert ">layer_decay<" in page
    assert "draws with dropout left on" in page
    assert 'class="lamina-curve"' in tuned._repr_html_()


def test_a_network_without_targets(wine, tmp_path):
    _, _, X, _ = wine
    model = make_pipeline(FunctionTransformer(), Autoencoder((4,), max_iter=3, tol=10, n_iter_no_change=3)).fit(X)
    page = make_report(model, tmp_path / "report.html", X).read_text(encoding="utf-8")
    assert "reconstruction error, test" in page
    assert "<h1>Autoencoder</h1>" in page
    with pytest.raises(InvalidParameter, match="The Autoencoder predicts no targets"):
        make_report(model, tmp_path / "report.html", X, X)
