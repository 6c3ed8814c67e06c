"""lamina: deep networks of dense layers behind the scikit-learn interface, on one compiled engine."""

from __future__ import annotations

import importlib

#: public names, each imported when first used, so that ``lamina --help`` need not wait for JAX
_HOMES = {
    "MLPClassifier": "lamina.neural_network",
    "MLPRegressor": "lamina.neural_network",
    "Input": "lamina.layers",
    "Sequential": "lamina.models",
    "load": "lamina.persistence",
    "save": "lamina.persistence",
}

__all__ = ["Input", "MLPClassifier", "MLPRegressor", "Sequential", "__version__", "load", "save"]

__version__ = "0.1.0.dev0"


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    try:
        return importlib.import_module(f"lamina.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"lamina.{name}":
            raise
        raise AttributeError(f"module 'lamina' has no attribute {name!r}") from None


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
