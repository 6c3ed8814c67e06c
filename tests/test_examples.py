"""Every example runs, on few made-up images and for few epochs; the figures it prints are another matter."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from examples.fashion import VALID_ROWS
from examples.published import compare

from lamina.datasets import fashion_mnist

ROOT = Path(__file__).resolve().parents[1]
NAMES = sorted(
    path.stem for path in (ROOT / "examples").glob("*.py") if path.stem not in ("__init__", "fashion", "published")
)
#: what makes an example short
SHORT: dict[str, dict] = {
    "default_presets": {"epochs": 1, "names": ["sparse, 2"]},
    "iris_overfitting": {"epochs": 2, "shuffles": 1},
    "mc_dropout": {"epochs": 1, "draws": 2},
    "optimizers": {"epochs": 1, "names": ["AdaMax", "schedule-free Adam"]},
    "regularization": {"epochs": 1, "names": ["dropout, 0.2 (ELU)"]},
}


@pytest.fixture
def images(monkeypatch):
    """Images of Fashion-MNIST's shape, so few that only 600 are left beside the validation images."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (VALID_ROWS + 600, 28, 28), dtype=np.uint8)
    y = (np.arange(len(X)) % 10).astype(np.uint8)
    monkeypatch.setattr(fashion_mnist, "load_data", lambda: ((X, y), (X[:100], y[:100])))


@pytest.mark.parametrize("name", NAMES)
def test_it_runs(name, images, capsys):
    importlib.import_module(f"examples.{name}").main(**SHORT.get(name, {"epochs": 1}))
    assert "published" in capsys.readouterr().out


def test_each_is_in_the_list():
    text = (ROOT / "examples" / "README.md").read_text()
    assert [name for name in NAMES if f"]({name}.py)" not in text] == []


def test_compare(capsys):
    compare("Title", [("a", "0.5", "0.25")])
    assert capsys.readouterr().out == "\nTitle\n\n     published  here\n  a        0.5  0.25\n"
