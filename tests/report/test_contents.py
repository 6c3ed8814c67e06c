"""What reports are made of."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import lamina as keras
from lamina import MLPClassifier
from lamina.errors import DataError, FileError, InvalidParameter
from lamina.inspection import Diagnosis, Finding, Remedy
from lamina.report import RunFolder
from lamina.report.contents import of_estimator, of_model, of_run, settings_of, versions

FINDING = Finding("overfitting", "severe", "It is.", {"gap": 0.5}, (Remedy("Use dropout."),))


def test_an_estimator(wine):
    model, flow, X, y = wine
    found = of_estimator(model, X, y, flow, Diagnosis([FINDING]), "Wine")
    assert found.title == "Wine"
    assert found.scores["accuracy"] == model.score(X, y)
    assert np.array_equal(found.history["loss"], model.loss_curve_)
    assert found.data["columns"][0]["name"] == "alcohol"
    np.testing.assert_equal(found.flow, flow.to_dict())
    assert found.diagnosis["findings"][0]["code"] == "overfitting"
    assert found.seconds["training"] > 0


def test_an_estimator_alone_and_in_a_pipeline(wine):
    model = wine[0]
    for given in (model, make_pipeline(FunctionTransformer(), model)):
        found = of_estimator(given, None, None, None, None, None)
        assert found.title == "MLPClassifier"
        assert (found.data, found.evaluation, found.flow, found.diagnosis, found.scores) == (None, None, None, None, {})


def test_a_model_of_the_keras_door(images):
    model, flow, X, y = images
    found = of_model(model, X, y, flow, Diagnosis([FINDING]), None)
    assert found.title == "Sequential"
    assert found.facts == {"epochs": 3, "parameters": model.count_params(), "test rows": len(y)}
    assert found.history["epoch"].tolist() == [1, 2, 3]
    assert np.array_equal(found.history["val_accuracy"], model.history.history["val_accuracy"])
    assert found.scores["accuracy"] == pytest.approx(model.evaluate(X, y, return_dict=True)["accuracy"])
    assert (found.data["n_columns"], found.target["n_classes"]) == (64, 10)
    assert found.settings[1]["text"].startswith("Dense(units=16")
    assert found.diagnosis["findings"][0]["code"] == "overfitting"
    np.testing.assert_equal(found.flow, flow.to_dict())
    alone = of_model(model, None, None, None, None, "Digits")
    assert (alone.title, alone.data, alone.evaluation, alone.scores) == ("Digits", None, None, {})


def test_a_model_that_was_not_trained():
    with pytest.raises(InvalidParameter, match=r"not been trained. Call model.fit first"):
        of_model(keras.Sequential([keras.layers.Dense(1, input_shape=(2,))]), None, None, None, None, None)


def test_rows_and_targets_that_do_not_fit(wine, images):
    model, _, images_, digits = images
    for rows, targets, says in (
        (images_[:, :3], digits, "takes rows of shape"),
        (images_, digits[:3], "but 3 targets"),
        (images_, digits.astype(str), "targets must be numbers"),
        (images_, digits + 5, "class numbers from 0 to 9"),
    ):
        with pytest.raises(DataError, match=says):
            of_model(model, rows, targets, None, None, None)
    y = np.asarray(wine[3])
    assert of_estimator(*wine[:1], wine[2], y[:, None], None, None, None).target["n_classes"] == 3
    for wrong in (y[:3], np.c_[y, y], y[:, None, None]):
        with pytest.raises(DataError, match=r"Expected \(44,\), as the model predicts them"):
            of_estimator(wine[0], wine[2], wrong, None, None, None)


@pytest.mark.parametrize("model", [MLPClassifier(), LogisticRegression(), make_pipeline(MLPClassifier())])
def test_what_has_no_history_is_refused(model):
    with pytest.raises(InvalidParameter, match="without a history"):
        of_estimator(model, None, None, None, None, None)


def test_settings_tell_what_was_changed():
    found = {setting["name"]: setting for setting in settings_of(MLPClassifier((8,), activation=np.tanh))}
    assert found["hidden_layer_sizes"] == {"name": "hidden_layer_sizes", "text": "(8,)", "changed": True}
    assert found["activation"]["text"] == "tanh"
    assert [name for name, setting in found.items() if setting["changed"]] == ["activation", "hidden_layer_sizes"]


def test_versions():
    assert versions()["numpy"] == np.__version__


def test_a_run_folder(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.write_metrics({"data": "d", "target": "t", "task": "regression", "rows": {"train": 3}, "test": {"r2": 0.5}})
    bare = of_run(folder.path)
    assert (bare.title, bare.facts, bare.scores) == ("d: t (regression)", {"training rows": 3}, {"r2": 0.5})
    assert (len(bare.history), bare.flow, bare.diagnosis) == (0, None, None)
    folder.write_history({"epoch": [1, 2], "loss": [0.5, np.nan]})
    folder.write_gradient_flow({"epoch": [0, 0], "layer": ["dense", "dense_1"], "gradient_norm": [1.5, np.nan]})
    folder.write_diagnosis(Diagnosis([FINDING]).to_dict())
    full = of_run(folder.path)
    np.testing.assert_equal(full.history["loss"], [0.5, np.nan])
    assert full.flow["layer"] == ["dense", "dense_1"]
    assert full.diagnosis == Diagnosis([FINDING]).to_dict()
    folder.forget_examination()
    assert of_run(folder.path).diagnosis is None


def test_folders_without_a_run_and_damaged_ones(tmp_path):
    with pytest.raises(FileError, match="no run folder"):
        of_run(tmp_path)
    (tmp_path / "metrics.json").write_text('{"data": ')
    with pytest.raises(FileError, match="damaged"):
        of_run(tmp_path)
    (tmp_path / "metrics.json").write_text(json.dumps([]))
    with pytest.raises(FileError, match="no run folder"):
        of_run(tmp_path)
