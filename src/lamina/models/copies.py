"""Models out of other models, and out of files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from lamina.models.files import read_model
from lamina.models.sequential import Sequential


def clone_model(model: Sequential) -> Sequential:
    """A model of new layers with the same configuration and freshly drawn weights.

    Parameters
    ----------
    model : Sequential
        The model to copy; nothing of it is shared or changed.

    Returns
    -------
    Sequential
        Not compiled. ``clone.set_weights(model.get_weights())`` copies the weights too.

    Examples
    --------
    >>> from lamina.layers import Dense
    >>> model = Sequential([Dense(2, input_shape=(3,))])
    >>> clone_model(model).layers[0] is model.layers[0]
    False
    """
    copies = {}
    for layer in model.all_layers:
        if id(layer) not in copies:
            copies[id(layer)] = copy_of(layer)
    return Sequential([copies[id(layer)] for layer in model.all_layers], name=model.name, dtype=model.dtype)


def copy_of(layer: Any) -> Any:
    """A new layer of the same class, configuration and name, without weights."""
    copy = type(layer).from_config(layer.get_config())
    copy.name, copy.trainable, copy.input_shape = layer.name, layer.trainable, layer.input_shape
    return copy


def model_from_json(text: str, custom_objects: Mapping[str, type] | None = None) -> Sequential:
    """The model that `Sequential.to_json` described, with fresh weights; no code is run.

    Parameters
    ----------
    text : str
        The description.
    custom_objects : dict of str to class, optional
        Your own layers, initializers, ... by the names of their classes.

    Returns
    -------
    Sequential
        Not compiled.

    Raises
    ------
    FileError
        If the text names a class that is neither lamina's nor in `custom_objects`.

    Examples
    --------
    >>> from lamina.layers import Dense
    >>> model_from_json(Sequential([Dense(2, input_shape=(3,))]).to_json()).count_params()
    8
    """
    return Sequential.from_config(json.loads(text), custom_objects)


def load_model(
    path: str | os.PathLike[str], custom_objects: Mapping[str, type] | None = None, compile: bool = True
) -> Sequential:
    """The model that `Sequential.save` wrote, compiled as it was. Loading runs no code from the file.

    Parameters
    ----------
    path : str or path-like
        The file.
    custom_objects : dict of str to class, optional
        Your own layers, losses, ... by the names of their classes.
    compile : bool, default=True
        Whether to compile it as it was; else its optimizer and what that remembers are left out.

    Returns
    -------
    Sequential

    Raises
    ------
    FileError
        If the file is missing, damaged, foreign, or names a class that is neither lamina's nor in `custom_objects`.
    """
    return read_model(path, Sequential, custom_objects or {}, compile)
