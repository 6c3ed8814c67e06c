"""Settings that work well together: keyword dictionaries for the estimators, and the same as a model.

They follow the tables of default configurations in Géron's Hands-On Machine Learning (2019, chapter 11) and their
exceptions: He initialisation with ELU, batch normalisation where a net is deep, Nesterov's momentum, 1cycle and early
stopping; LeCun initialisation with SELU for nets that normalise themselves. Inputs should be standardised for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamina.errors import InvalidParameter
from lamina.layers import Activation, AlphaDropout, BatchNormalization, Dense, Dropout, Flatten, Layer
from lamina.models import Sequential
from lamina.registry import Registry

#: hidden layers from which on a net counts as deep
DEEP = 4

PRESETS: Registry[Callable[..., dict[str, Any]]] = Registry("preset")

#: Nesterov's momentum under 1cycle, with early stopping
_TRAINING = {
    "solver": "sgd",
    "nesterovs_momentum": True,
    "learning_rate": "onecycle",
    "learning_rate_init": 0.05,
    "max_iter": 50,
    "early_stopping": True,
    "n_iter_no_change": 20,
}


@PRESETS.register("default")
def default(depth: int = 2) -> dict[str, Any]:
    """For general purposes: He, ELU, 1cycle, and batch normalisation from four hidden layers on.

    Parameters
    ----------
    depth : int, default=2
        Number of hidden layers.

    Returns
    -------
    dict
        Keywords for `MLPClassifier` and `MLPRegressor`.

    Examples
    --------
    >>> from lamina import MLPClassifier
    >>> sizes = (100,) * 5
    >>> MLPClassifier(sizes, **default(len(sizes))).normalization
    'batch'
    """
    if isinstance(depth, bool) or not isinstance(depth, int) or depth < 1:
        raise InvalidParameter(f"depth expects the number of hidden layers, a whole number from 1. Received {depth!r}.")
    normalization = "batch" if depth >= DEEP else None
    return {"activation": "elu", "kernel_initializer": "he_normal", "normalization": normalization, **_TRAINING}


@PRESETS.register("self_normalizing")
def self_normalizing(depth: int = 2) -> dict[str, Any]:
    """For plain stacks of dense layers on standardised inputs: SELU with LeCun's initialisation, nothing else.

    Dropout added to it becomes `AlphaDropout`, which keeps mean and variance; ``fit`` warns if the inputs are not
    standardised.

    Parameters
    ----------
    depth : int, default=2
        Number of hidden layers; any depth will do.

    Returns
    -------
    dict
        Keywords for the estimators.

    Examples
    --------
    >>> self_normalizing()["activation"]
    'selu'
    """
    return {"activation": "selu", "kernel_initializer": "lecun_normal", **_TRAINING}


@PRESETS.register("sparse")
def sparse(depth: int = 2) -> dict[str, Any]:
    """For models of few weights: the default with an L1 penalty, which drives weights to 0 (and would break SELU).

    Parameters
    ----------
    depth : int, default=2
        Number of hidden layers.

    Returns
    -------
    dict
        Keywords for the estimators.

    Examples
    --------
    >>> sparse()["l1"] > 0
    True
    """
    return {**default(depth), "l1": 1.0, "alpha": 0.0}


@PRESETS.register("low_latency")
def low_latency(depth: int = 2) -> dict[str, Any]:
    """For fast predictions: ReLU, which costs least, in float32. Few layers help most.

    Parameters
    ----------
    depth : int, default=2
        Number of hidden layers.

    Returns
    -------
    dict
        Keywords for the estimators.

    Examples
    --------
    >>> low_latency()["activation"]
    'relu'
    """
    return {**default(depth), "activation": "relu", "dtype": "float32"}


@PRESETS.register("risk_sensitive")
def risk_sensitive(depth: int = 2) -> dict[str, Any]:
    """Where a wrong certainty is dear: the default with dropout, for ``predict_uncertainty``.

    Parameters
    ----------
    depth : int, default=2
        Number of hidden layers.

    Returns
    -------
    dict
        Keywords for the estimators.

    Examples
    --------
    >>> risk_sensitive()["dropout"]
    0.2
    """
    return {**default(depth), "dropout": 0.2}


def build(name: str, input_shape: Sequence[int], hidden: Sequence[int], outputs: int) -> Sequential:
    """A preset as a model, not compiled; its outputs have no activation.

    Parameters
    ----------
    name : str
        "default", "self_normalizing", "sparse", "low_latency" or "risk_sensitive".
    input_shape : tuple of int
        Shape of one row; rows of several axes, such as images, are flattened first.
    hidden : sequence of int
        Widths of the hidden layers.
    outputs : int
        Number of outputs.

    Returns
    -------
    Sequential

    Examples
    --------
    >>> model = build("risk_sensitive", (20,), (50, 50), 3)
    >>> [layer.name for layer in model.layers]
    ['dense', 'activation', 'dropout', 'dense_1', 'activation_1', 'dropout_1', 'dense_2']
    """
    preset = PRESETS[name](len(hidden))
    model = Sequential([Flatten()] if len(input_shape) > 1 else [], name=name)
    for units in hidden:
        for layer in _block(preset, units):
            model.add(layer)
    model.add(Dense(outputs, kernel_initializer=preset["kernel_initializer"], kernel_regularizer=_penalty(preset)))
    model.build((None, *input_shape))
    return model


def _block(preset: dict[str, Any], units: int) -> list[Layer]:
    """A hidden layer with what belongs to it."""
    normalized = preset.get("normalization") is not None
    kernel = {"kernel_initializer": preset["kernel_initializer"], "kernel_regularizer": _penalty(preset)}
    layers: list[Layer] = [Dense(units, use_bias=not normalized, **kernel)]
    layers += [BatchNormalization()] if normalized else []
    layers.append(Activation(preset["activation"]))
    if preset.get("dropout"):
        layers.append((AlphaDropout if preset["activation"] == "selu" else Dropout)(preset["dropout"]))
    return layers


def _penalty(preset: dict[str, Any]) -> str | None:
    return "l1" if preset.get("l1") else None
