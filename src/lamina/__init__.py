"""lamina: deep networks of dense layers behind the scikit-learn interface, on one compiled engine."""

from __future__ import annotations

import importlib
import pkgutil
import sys

#: public names, each imported when first used, so that ``lamina --help`` need not wait for JAX
_HOMES = {
    "Autoencoder": "lamina.neural_network",
    "MLPClassifier": "lamina.neural_network",
    "MLPRegressor": "lamina.neural_network",
    "Contrastive": "lamina.neural_network",
    "MaskedFeatures": "lamina.neural_network",
    "Initializer": "lamina.initializers",
    "Input": "lamina.layers",
    "Layer": "lamina.layers",
    "Loss": "lamina.losses",
    "Metric": "lamina.metrics",
    "Optimizer": "lamina.optimizers",
    "Regularizer": "lamina.regularizers",
    "Sequential": "lamina.models",
    "load": "lamina.persistence",
    "save": "lamina.persistence",
}

#: what Keras has and lamina has not, and what to do
_INSTEAD = {
    "Model": "There is no functional interface: put layers into Sequential([...]).",
    "ops": "Functions of arrays are those of jax.numpy.",
    "saving": "model.save(path) and lamina.models.load_model(path) keep models.",
    "random": "Random numbers come from numpy.random; lamina.utils.set_random_seed seeds it.",
    "wrappers": "MLPClassifier and MLPRegressor are scikit-learn estimators themselves.",
}

__all__ = [
    "Autoencoder",
    "Contrastive",
    "Initializer",
    "Input",
    "Layer",
    "Loss",
    "MLPClassifier",
    "MLPRegressor",
    "MaskedFeatures",
    "Metric",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "__version__",
    "load",
    "save",
]

__version__ = "0.1.0.dev0"


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    try:
        return importlib.import_module(f"lamina.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"lamina.{name}":
            raise
        hint = f". {_INSTEAD[name]}" if name in _INSTEAD else ""
        module = sys.modules[__name__]
        raise AttributeError(f"module 'lamina' has no attribute {name!r}{hint}", name=name, obj=module) from None


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *(module.name for module in pkgutil.iter_modules(__path__))})
