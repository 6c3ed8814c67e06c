"""Every example runs, on few made-up rows and for few epochs; the figures it prints are another matter."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from examples import boston, few_labels, transfer_learning
from examples.depth_and_width import alternating, error, folding_network
from examples.fashion import VALID_ROWS
from examples.gradient_descent_rates import by_formula, by_training
from examples.published import compare
from sklearn import datasets
from sklearn.utils import Bunch

from lamina.datasets import fashion_mnist

ROOT = Path(__file__).resolve().parents[1]
HELPERS = ("__init__", "boston", "fashion", "published")
NAMES = sorted(path.stem for path in (ROOT / "examples").glob("*.py") if path.stem not in HELPERS)
#: what makes an example short
SHORT: dict[str, dict] = {
    "deep_selu": {"epochs": 1, "depth": 3, "seeds": (0,)},
    "default_presets": {"epochs": 1, "names": ["sparse, 2"]},
    "depth_and_width": {"epochs": 1, "folds": 3},
    "few_labels": {"seeds": 1, "labels": (50,), "names": ("from scratch", "label spreading")},
    "gradient_descent_rates": {"steps": 1},
    "iris_overfitting": {"epochs": 2, "shuffles": 1},
    "mc_dropout": {"epochs": 1, "draws": 2},
    "optimizers": {"epochs": 1, "names": ["AdaMax", "schedule-free Adam"]},
    "regularization": {"epochs": 1, "names": ["dropout, 0.2 (ELU)"]},
    "self_normalization": {"blocks": 1},
    "transfer_learning": {"epochs": 1, "seeds": 1, "sources": 1},
}


@pytest.fixture
def images(monkeypatch):
    """Images of Fashion-MNIST's shape, so few that only 600 are left beside the validation images."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (VALID_ROWS + 600, 28, 28), dtype=np.uint8)
    y = (np.arange(len(X)) % 10).astype(np.uint8)
    monkeypatch.setattr(fashion_mnist, "load_data", lambda: ((X, y), (X[:100], y[:100])))


@pytest.fixture
def districts(monkeypatch):
    """A table with the columns of the Boston prices that the examples read, in another order."""
    rng = np.random.default_rng(0)
    columns = ["CRIM", "INDUS", "NOX", "RM", "AGE", "TAX"]
    table = Bunch(data=rng.uniform(4, 9, (40, len(columns))), target=rng.uniform(5, 50, 40), feature_names=columns)
    monkeypatch.setattr(datasets, "fetch_openml", lambda **_: table)
    return table


@pytest.mark.parametrize("name", NAMES)
def test_it_runs(name, images, districts, capsys):
    importlib.import_module(f"examples.{name}").main(**SHORT.get(name, {"epochs": 1}))
    assert "published" in capsys.readouterr().out


def test_pictures(tmp_path):
    few_labels.draw({"from scratch": np.array([[50.0, 60.0], [70.0, 75.0]])}, (10, 20), tmp_path / "few.png")
    transfer_learning.draw({"transfer": np.array([1.0, 0.8])}, {"transfer": [0.75]}, tmp_path / "transfer.png")
    assert all((tmp_path / f"{name}.png").stat().st_size > 10_000 for name in ("few", "transfer"))


def test_columns_come_by_name(districts):
    X, y = boston.load("RM", "CRIM")
    np.testing.assert_array_equal(X, districts.data[:, [3, 0]].astype(np.float32))
    np.testing.assert_array_equal(y, districts.target.astype(np.float32))


@pytest.mark.parametrize("rate", [1e-5, 1e-6, 5e-5])
def test_gradient_descent_by_training_and_by_formula(rate):
    """Row 47: gradient descent on all rows at once."""
    rng = np.random.default_rng(0)
    x, y = rng.uniform(4, 9, 500), rng.uniform(5, 50, 500)
    assert by_training(x, y, rate, 10) == pytest.approx(by_formula(x, y, rate, 10), rel=1e-4)


def test_each_is_in_the_list():
    text = (ROOT / "examples" / "README.md").read_text()
    assert [name for name in NAMES if f"]({name}.py)" not in text] == []


def test_compare(capsys):
    compare("Title", [("a", "0.5", "0.25")])
    assert capsys.readouterr().out == "\nTitle\n\n     published  here\n  a        0.5  0.25\n"


def test_folding_a_line_makes_no_error():
    """Row 13: what the theorem says, for 2^8 points."""
    assert error(folding_network(8), *alternating(8)) == 0
