"""Runs that reports are made of, with names that try to break out of the page."""

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_diabetes, load_digits, load_wine
from typer.testing import CliRunner

import lamina as keras
from lamina import MLPClassifier, MLPRegressor
from lamina.cli.app import app
from lamina.inspection import GradientFlow

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "</style></title><b>bold",
    "{{ 7 * 7 }}{% endraw %}",
    "a\u202eb\x00\x1b[31m",
    "&lt;i&gt; ' onfocus='alert(3)",
    "javascript:alert(4)" + "x" * 500,
)


@pytest.fixture(scope="session")
def wine():
    """A fitted classifier with its gradient flow, and test rows."""
    X, y = load_wine(return_X_y=True, as_frame=True)
    X = (X - X.mean()) / X.std()
    flow = GradientFlow(X[::2], y[::2])
    model = MLPClassifier((8, 8), max_iter=20, tol=1e6, n_iter_no_change=3, random_state=0)
    return model.fit(X[::2], y[::2], validation_data=(X[1::4], y[1::4]), callbacks=[flow]), flow, X[3::4], y[3::4]


@pytest.fixture(scope="session")
def diabetes():
    """A fitted regressor with dropout, and test rows as arrays."""
    X, y = load_diabetes(return_X_y=True)
    model = MLPRegressor(hidden_layer_sizes=(8,), max_iter=20, tol=1e6, n_iter_no_change=3, dropout=0.2, random_state=0)
    return model.fit(X[::2], y[::2] / 100), X[1::2], y[1::2] / 100


@pytest.fixture(scope="session")
def images():
    """A model of the Keras door, trained on images, with its gradient flow, and test rows."""
    X, y = load_digits(return_X_y=True)
    X = (X / 16).reshape(-1, 8, 8)
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Flatten(input_shape=(8, 8)), keras.layers.Dense(16, "relu")]
    model = keras.Sequential([*layers, keras.layers.Dense(10, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    flow = GradientFlow(X[:500], y[:500])
    model.fit(X[:500], y[:500], epochs=3, verbose=0, validation_data=(X[500:700], y[500:700]), callbacks=[flow])
    return model, flow, X[700:800], y[700:800]


@pytest.fixture(scope="session")
def hostile_run(tmp_path_factory):
    """The run folder of a table whose file name, column names and classes are hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    rng = np.random.RandomState(0)
    n = 120
    labels = np.array(HOSTILE)[rng.randint(3, size=n)]
    frame = pl.DataFrame({name: rng.randn(n) for name in HOSTILE} | {"text": rng.choice(HOSTILE, n)})
    frame = frame.with_columns(pl.Series('target<i onmouseover="alert(5)">', labels))
    data = folder / '<img src=x onerror=alert(6)>".parquet'
    frame.write_parquet(data)
    words = [
        "fit",
        str(data),
        "--out",
        str(folder / "run"),
        "--hidden",
        "8",
        "--max-iter",
        "3",
        "--quiet",
        "--no-refit",
    ]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return folder / "run"
