"""What is said where the other library, or a network, is missing."""

import os
import sys

import pytest

import lamina
from lamina import layers, reuse
from lamina.errors import DataError, InvalidParameter

os.environ.setdefault("KERAS_BACKEND", "jax")


@pytest.mark.parametrize("library", ["keras", "torch"])
def test_without_the_library(library, monkeypatch):
    """What to do, at once."""
    monkeypatch.setitem(sys.modules, library, None)
    for name in (f"from_{library}", f"to_{library}"):
        with pytest.raises(ImportError, match=rf"{name} needs {library}, .*Run: pip install {library}"):
            getattr(reuse, name)(lamina.Sequential([layers.Dense(1, input_shape=(2,))]))


@pytest.mark.parametrize("name", ["to_keras", "to_torch"])
def test_what_is_no_network(name):
    pytest.importorskip(name.removeprefix("to_"))
    with pytest.raises(InvalidParameter, match=rf"{name} takes a lamina.Sequential, .*Received int.*{name}\(pipeline"):
        getattr(reuse, name)(3)
    with pytest.raises(DataError, match="no weights yet"):
        getattr(reuse, name)(lamina.Sequential([layers.Dense(1)]))
    with pytest.raises(AttributeError, match="not fitted"):
        getattr(reuse, name)(lamina.MLPClassifier())


@pytest.mark.parametrize("path", ["model.pt", "model.pth"])
def test_files_of_torch_are_not_loaded(path):
    """Loading one may run code from it."""
    with pytest.raises(InvalidParameter, match=r"not a file.*torch\.load\(path, weights_only=True\)"):
        reuse.from_torch(path)
