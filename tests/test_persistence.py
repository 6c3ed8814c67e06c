"""What was saved is what comes back, for the classes in the vocabulary and no others."""

import numpy as np
import polars as pl
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_iris
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from lamina import MLPClassifier, MLPRegressor
from lamina.data import TableEncoder
from lamina.errors import FileError
from lamina.persistence import load, load_with_facts, save
from lamina.storage import write_file

SMALL = {"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0, "early_stopping": True}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.lamina"


def returned(estimator, path):
    save(estimator, path)
    return load(path)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_classifier_in_a_pipeline_predicts_the_same(path):
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(**SMALL)).fit(X, names)
    back = returned(pipeline, path)
    assert type(back) is Pipeline
    assert [name for name, _ in back.steps] == ["standardscaler", "mlpclassifier"]
    assert back.get_params()["mlpclassifier__hidden_layer_sizes"] == (8,)
    np.testing.assert_array_equal(back.predict_proba(X), pipeline.predict_proba(X))
    np.testing.assert_array_equal(back.predict(X), pipeline.predict(X))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_regressor_of_a_scaled_target_predicts_the_same(path):
    X, y = load_diabetes(return_X_y=True)
    model = TransformedTargetRegressor(MLPRegressor(**SMALL), transformer=StandardScaler()).fit(X, y)
    back = returned(model, path)
    np.testing.assert_array_equal(back.predict(X), model.predict(X))
    assert back.get_params()["regressor__max_iter"] == 3
    assert back.fit(X[:100], y[:100]).predict(X).shape == y.shape  # it can be fitted again


def test_a_scaler_keeps_every_attribute(path):
    frame = pl.DataFrame({"a": [1.0, 2.0, 4.0], "b": [5, 5, 5]}).to_pandas()
    scaler = StandardScaler(with_mean=False).fit(frame)
    back = returned(scaler, path)
    assert vars(back).keys() == vars(scaler).keys()
    np.testing.assert_array_equal(back.transform(frame), scaler.transform(frame))


def test_an_unfitted_scaler_comes_back_unfitted(path):
    assert vars(returned(StandardScaler(with_std=False), path)) == vars(StandardScaler(with_std=False))


def test_an_encoder_comes_back(path):
    frame = pl.DataFrame({"age": [1, None, 4], "city": ["Ulm", None, "Bern"], "ok": [True, False, True]})
    encoder = TableEncoder(max_categories=7).fit(frame)
    back = returned(encoder, path)
    assert vars(back).keys() == vars(encoder).keys()
    assert back.columns_ == encoder.columns_
    np.testing.assert_array_equal(back.transform(frame), encoder.transform(frame))


def test_facts_are_kept_and_a_folder_will_do(path):
    save(StandardScaler(), path, about={"target": "price"})
    estimator, facts = load_with_facts(path.parent)
    assert type(estimator) is StandardScaler
    assert facts == {"target": "price"}


class Subclass(StandardScaler):
    """It could keep more state than its parent."""


@pytest.mark.parametrize(
    "estimator", [PCA(), Subclass(), Pipeline([("pca", PCA())]), 3], ids=lambda e: type(e).__name__
)
def test_others_are_refused_with_the_list(path, estimator):
    with pytest.raises(
        TypeError, match=r"Can't save a .*MLPClassifier, MLPRegressor, .*TableEncoder, .*StandardScaler"
    ):
        save(estimator, path)
    assert not path.exists()


def test_a_target_transformer_with_functions_is_refused(path):
    model = TransformedTargetRegressor(StandardScaler(), func=np.log, inverse_func=np.exp)
    with pytest.raises(TypeError, match="with func"):
        save(model, path)
    with pytest.raises(TypeError, match="not fitted"):
        save(TransformedTargetRegressor(StandardScaler()), path)


def test_other_contents_are_refused(path):
    write_file(path, "picture", {})
    with pytest.raises(FileError, match='holds a "picture"'):
        load(path)
    write_file(path, "estimator", {"estimator": {"kind": "os.system", "state": "true"}, "about": {}})
    with pytest.raises(FileError, match=r'Unknown class in a model file "os.system"'):
        load(path)
    write_file(path, "estimator", {"estimator": {"kind": "StandardScaler"}, "about": {}})
    with pytest.raises(FileError, match="does not describe an estimator"):
        load(path)
