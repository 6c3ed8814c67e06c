"""What every way in and out needs: the network behind what was given, a layer with given weights, the errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from lamina.engine.precision import weight_dtype
from lamina.errors import InvalidParameter
from lamina.layers import Layer
from lamina.layers.base import Shape
from lamina.models import Sequential
from lamina.neural_network import MLPClassifier, MLPRegressor


def network_of(given: Any, owner: str) -> Sequential:
    """The built network of a model or of a fitted estimator; an error that names `owner` for anything else."""
    if isinstance(given, MLPClassifier | MLPRegressor):
        check_single(given, owner)
        given = given.model_
    if not isinstance(given, Sequential):
        raise InvalidParameter(
            f"{owner} takes a lamina.Sequential, an MLPClassifier or an MLPRegressor. Received "
            f"{type(given).__name__}; of a Pipeline give the last step, for example: {owner}(pipeline[-1])."
        )
    given.open()  # raises without weights
    return given


def check_single(estimator: Any, owner: str) -> None:
    """Raise for an ensemble, which is several networks."""
    members = vars(estimator).get("estimators_")
    if members:
        raise InvalidParameter(
            f"{owner} takes a single network. Received an ensemble of {len(members)}; give one of its members, for "
            f"example: {owner}(estimator.estimators_[0])."
        )


def fill(layer: Layer, row: Shape, weights: Sequence[Any] | None, dtype: str) -> Shape:
    """Build a layer for rows of a shape, with copies of the weights if they are given; the shape of what comes out."""
    layer.build(row, np.random.RandomState(0), weight_dtype(dtype))
    if weights is not None:
        layer.set_weights([np.array(array) for array in weights])
    assert layer.output_shape is not None
    return layer.output_shape


def no_counterpart(owner: str, position: int, layer: str, why: str, taken: Iterable[str]) -> InvalidParameter:
    """The error for a layer, described by `layer`, that cannot go along; `taken` are those that can."""
    return InvalidParameter(
        f"{owner}: layer {position} (from 0), {layer}, {why}. Layers that it takes: "
        f"{', '.join(sorted(taken, key=str.lower))}."
    )


def imported(name: str, owner: str, command: str) -> ModuleType:
    """A library that only `owner` needs; without it, an error that gives the command to install it."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(f"{owner} needs {name}, which cannot be imported ({error}). Run: {command}") from error
