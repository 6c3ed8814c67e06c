"""Every kind of source, taken apart: the same predictions when its output is kept and nothing is trained."""

import os
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn import neural_network as scikit_learn
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import lamina as keras
from lamina import Autoencoder, MLPClassifier, MLPRegressor
from lamina.errors import FileError, InvalidParameter
from lamina.reuse import FineTuneClassifier, FineTuneRegressor, PairNetwork
from lamina.reuse.source import open_source

os.environ.setdefault("KERAS_BACKEND", "jax")

pytestmark = pytest.mark.filterwarnings("ignore:Stochastic Optimizer")

UNTRAINED = {"n_reused": "all", "frozen_epochs": 1, "epochs": 0, "frozen_learning_rate": 1e-12, "random_state": 0}
SHORT = {"hidden_layer_sizes": (6, 5), "max_iter": 2, "random_state": 0}


def like(source, X, y, estimator=FineTuneClassifier):
    """Fine-tuned on nothing: its predictions are the source's."""
    return estimator(source, **UNTRAINED).fit(X, y)


def sequential(*first, output=("softmax", 8), shape=(8, 8)):
    """A network of the Keras door with weights, and statistics of its normalisation that are not the first ones."""
    activation, units = output
    middle = [keras.layers.Dense(6, "relu"), keras.layers.BatchNormalization(), keras.layers.Dropout(0.2)]
    model = keras.Sequential([*first, *middle, keras.layers.Dense(5, "tanh"), keras.layers.Dense(units, activation)])
    model.build((None, *shape))
    rng = np.random.RandomState(0)
    model.set_weights([np.abs(rng.randn(*array.shape)) / 3 for array in model.get_weights()])
    return model


# --- what is the same -------------------------------------------------------------------------------------------------


def test_estimators(digits):
    """Row 94: an estimator, a pipeline around it, a frozen one, a search, scikit-learn's network."""
    X, y = digits[0][:200], digits[1][:200]
    own = MLPClassifier(**SHORT).fit(X, y)
    sources = [
        own,
        make_pipeline(StandardScaler(), MLPClassifier(**SHORT)).fit(X, y),
        make_pipeline(StandardScaler(), make_pipeline(FunctionTransformer(np.sqrt), own)),
        FrozenEstimator(own),
        GridSearchCV(MLPClassifier(**SHORT), {"alpha": [0.1, 1]}, cv=2).fit(X, y),
        scikit_learn.MLPClassifier(**SHORT).fit(X, y),
        like(own, X, y),
    ]
    sources[2].steps[0] = ("scale", FunctionTransformer(np.abs).fit(X))
    sources[2].steps[1][1].fit(X, y)
    for source in sources:
        kept = like(source, X, y)
        np.testing.assert_allclose(kept.predict_proba(X), source.predict_proba(X), atol=1e-9)
        assert kept.n_reused_ == 2


def test_regressors(digits):
    """Targets in the units that the source was trained on."""
    X, y = digits[0][:100], digits[1][:100] * 100.0
    scaled = TransformedTargetRegressor(MLPRegressor(**SHORT), transformer=StandardScaler()).fit(X, y)
    theirs = scikit_learn.MLPRegressor(**SHORT).fit(X, y)
    for source in (scaled, theirs):
        np.testing.assert_allclose(like(source, X, y, FineTuneRegressor).predict(X), source.predict(X), rtol=1e-6)


@pytest.mark.parametrize("base", ["flatten", "rescaling", "normalization"])
def test_sequential(digits, base):
    """Layers below the first dense one are reused always; rows may be flat or images."""
    X, y = digits[0][:100], np.arange(100) % 8
    images = X.reshape(-1, 8, 8)
    before = {
        "flatten": [keras.layers.Flatten()],
        "rescaling": [keras.layers.Flatten(), keras.layers.Rescaling(2.0)],
        "normalization": [keras.layers.Normalization(mean=0.3, variance=0.2), keras.layers.Flatten()],
    }[base]
    model = sequential(*before)
    kept = like(model, images, y)
    for rows in (images, X):
        np.testing.assert_allclose(kept.predict_proba(rows), model.predict(images, verbose=0), atol=1e-6)
    assert kept.n_reused_ == 2
    assert kept.classes_.tolist() == list(range(8))


def test_links_of_outputs(digits):
    """The activation may be a layer of its own; one logistic unit is two classes."""
    X = digits[0][:50]
    model = sequential(output=(None, 3), shape=(64,))
    apart = keras.Sequential([*model.layers, keras.layers.Softmax()])
    apart.build((None, 64))
    kept = like(apart, X, np.arange(50) % 3)
    np.testing.assert_allclose(kept.predict_proba(X), apart.predict(X, verbose=0), atol=1e-6)
    assert open_source(model).link == "identity"
    assert open_source(model).classes is None
    binary = sequential(output=("sigmoid", 1), shape=(64,))
    kept = like(binary, X, np.arange(50) % 2)
    np.testing.assert_allclose(kept.predict_proba(X)[:, 1:], binary.predict(X, verbose=0), atol=1e-6)


def test_residual_blocks(digits):
    """Row 94: a block counts as one hidden layer."""
    X, y = digits[0][:50], np.arange(50) % 3
    layers = keras.layers
    model = keras.Sequential(
        [layers.Dense(5, "relu"), layers.Residual([layers.Dense(5, "relu")]), layers.Dense(3, "softmax")]
    )
    model.build((None, 64))
    kept = like(model, X, y)
    assert kept.n_reused_ == 2
    np.testing.assert_allclose(kept.predict_proba(X), model.predict(X, verbose=0), atol=1e-6)


def test_files(digits, tmp_path):
    """Models, estimators, and a folder that holds one."""
    X, y = digits[0][:50], np.arange(50) % 8
    model, own = sequential(shape=(64,)), MLPClassifier(**SHORT).fit(X, y)
    model.save(tmp_path / "one.lamina")
    own.save(tmp_path / "model.lamina")
    for path, expected in (
        (tmp_path / "one.lamina", model.predict(X, verbose=0)),
        (str(tmp_path / "model.lamina"), own.predict_proba(X)),
        (tmp_path, own.predict_proba(X)),
    ):
        np.testing.assert_allclose(like(path, X, y).predict_proba(X), expected, atol=1e-6)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # in Keras
def test_keras(digits, tmp_path):
    """An object or a file of Keras'."""
    theirs = pytest.importorskip("keras")
    X, y = digits[0][:50], np.arange(50) % 8
    layers = [theirs.layers.Flatten(), theirs.layers.Dense(6, "relu"), theirs.layers.Dense(8, "softmax")]
    model = theirs.Sequential([theirs.Input((8, 8)), *layers])
    expected = model.predict(X.reshape(-1, 8, 8), verbose=0)
    model.save(tmp_path / "model.keras")
    for source in (model, tmp_path / "model.keras"):
        np.testing.assert_allclose(like(source, X, y).predict_proba(X), expected, atol=1e-6)


def test_torch(digits):
    torch = pytest.importorskip("torch")
    X, y = digits[0][:50], np.arange(50) % 8
    net = torch.nn.Sequential(torch.nn.Linear(64, 6), torch.nn.ReLU(), torch.nn.Linear(6, 8), torch.nn.Softmax(1))
    with torch.no_grad():
        expected = net(torch.tensor(X, dtype=torch.float32)).numpy()
    np.testing.assert_allclose(like(net, X, y).predict_proba(X), expected, atol=1e-6)


def test_encoders(digits):
    """Rows 101, 103: sources without an output, trained on no labels or on pairs."""
    X, y = digits[0][:100], digits[1][:100]
    for source in (Autoencoder((6, 5), max_iter=1).fit(X), PairNetwork((6, 5), n_pairs=20, max_iter=1).fit(X, y)):
        tuned = FineTuneClassifier(source, **UNTRAINED).fit(X, y)
        np.testing.assert_allclose(tuned.hidden_activations(X), source.transform(X), atol=1e-9)
        assert tuned.classes_.tolist() == list(range(10))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_encoder_of_a_table(library):
    """Row 101: the table goes through the encoding that the autoencoder learned."""
    table = pd.DataFrame({"a": np.arange(60.0), "b": ["x", "y", None] * 20, "c": [1.0, None] * 30})
    table = table if library == "pandas" else pytest.importorskip("polars").from_pandas(table)
    y = np.arange(60) % 3
    source = Autoencoder((6, 4), max_iter=2, random_state=0).fit(table)
    tuned = FineTuneClassifier(source, **UNTRAINED).fit(table, y)
    assert tuned.predict_proba(table[["c", "b", "a"]]).shape == (60, 3)
    np.testing.assert_allclose(tuned.hidden_activations(table), source.transform(table), atol=1e-6)


# --- what is left alone -----------------------------------------------------------------------------------------------


def test_no_source_is_changed(digits):
    """Row 96: neither weights nor flags nor what surrounds the network; frozen layers of a copy learn again."""
    X, y = digits[0][:80], np.arange(80) % 8
    model = sequential(shape=(64,))
    model.layers[0].trainable = False
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(**SHORT)).fit(X, y)
    scaled = TransformedTargetRegressor(MLPRegressor(**SHORT), transformer=StandardScaler()).fit(X, y)
    encoder = Autoencoder((6, 5), max_iter=1).fit(X)
    for source in (model, pipeline, scaled, encoder):
        before = pickle.dumps(source)
        kind = FineTuneRegressor if source is scaled else FineTuneClassifier
        tuned = kind(source, n_reused="all", frozen_epochs=0, epochs=1, learning_rate=0.1).fit(X, y)
        assert pickle.dumps(source) == before
        if source is model:
            moved = np.abs(tuned.model_.layers[0].get_weights()[0] - model.layers[0].get_weights()[0]).max()
            assert moved > 0
    with pytest.raises(InvalidParameter, match=r"source__alpha is a parameter of the source.*Give another source"):
        FineTuneClassifier(pipeline[-1]).set_params(source__alpha=1.0)


# --- what cannot be one -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        (None, InvalidParameter, "source=None: give the network"),
        (MLPClassifier, InvalidParameter, "Received the class MLPClassifier"),
        (StandardScaler(), InvalidParameter, "Received an object of type StandardScaler"),
        (MLPClassifier(), NotFittedError, "source, of type MLPClassifier, is not fitted.*FrozenEstimator"),
        (scikit_learn.MLPClassifier(), NotFittedError, "not fitted"),
        (make_pipeline(StandardScaler(), MLPClassifier()), NotFittedError, "of type Pipeline, is not fitted"),
        (keras.Sequential([keras.layers.Dense(3)]), InvalidParameter, "The source has no weights yet"),
        (keras.Sequential([keras.layers.Dense(3, input_shape=(4,))]), InvalidParameter, "has no hidden layers"),
        ("nowhere.lamina", FileError, "There is no file nowhere.lamina"),
        ("nowhere.keras", FileError, "There is no file nowhere.keras"),
    ],
)
def test_no_sources(source, error, message):
    with pytest.raises(error, match=message):
        open_source(source)


def test_an_ensemble_has_members(digits):
    X, y = digits[0][:50], digits[1][:50]
    ensemble = MLPClassifier(**SHORT, n_members=2).fit(X, y)
    with pytest.raises(InvalidParameter, match=r"Give one of its members: source=ensemble.estimators_\[0\]"):
        open_source(ensemble)
    assert len(open_source(ensemble.estimators_[0]).blocks) == 2


def test_damaged_files(tmp_path):
    """Cut, foreign and empty ones."""
    sequential(shape=(64,)).save(tmp_path / "whole.lamina")
    whole = (tmp_path / "whole.lamina").read_bytes()
    for name, content in (("cut", whole[: len(whole) // 2]), ("foreign", b"hello" * 99), ("empty", b"")):
        path = tmp_path / f"{name}.lamina"
        path.write_bytes(content)
        with pytest.raises(FileError, match=f"{name}.lamina is truncated or no model file"):
            open_source(path)
    (tmp_path / "foreign.keras").write_bytes(b"hello")
    pytest.importorskip("keras")
    with pytest.raises(FileError, match=r"is truncated or no file of Keras'. Save it again"):
        open_source(tmp_path / "foreign.keras")
