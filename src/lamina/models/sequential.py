"""The model of the Keras door."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from lamina.errors import FileError
from lamina.layers import Layer
from lamina.models.files import layers_to_tree, tree_to_layers, write_model
from lamina.models.training import Training
from lamina.storage import read_file, write_file


class Sequential(Training):
    """Layers one after the other, each taking the outputs of the one before.

    The weights live in the layers, so two models that share a layer share its weights, and ``fit`` trains both.

    Parameters
    ----------
    layers : sequence of Layer, optional
        The layers; more can come with `add`.
    name : str, default="sequential"
        A name for it.
    dtype : {"float32", "float64", "bfloat16"}, default="float32"
        Of weights and computation; "bfloat16" concerns the matrix products alone.

    Examples
    --------
    >>> import numpy as np
    >>> from lamina.layers import Dense
    >>> model = Sequential([Dense(3, activation="relu", input_shape=(2,)), Dense(1)])
    >>> model.count_params()
    13
    >>> model.predict(np.zeros((4, 2)), verbose=0).shape
    (4, 1)
    """

    def __init__(self, layers: Sequence[Layer] | None = None, name: str = "sequential", dtype: str = "float32") -> None:
        super().__init__(layers, name, dtype)

    # -- keeping --------------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The layers and their shapes without any weight, as plain values that `from_config` takes."""
        return layers_to_tree(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, type] | None = None) -> Sequential:
        """A model with fresh weights from what `get_config` described; your own classes go into `custom_objects`."""
        return tree_to_layers(config, cls, custom_objects or {})

    def to_json(self, **how: Any) -> str:
        """`get_config` as text; `how` is for `json.dumps`."""
        return json.dumps(self.get_config(), **how)

    def save(self, path: str | os.PathLike[str], overwrite: bool = True) -> None:
        """Write layers, weights, how the model was compiled and its optimizer's state to a file without code.

        Parameters
        ----------
        path : str or path-like
            The file, of any name; an existing one is replaced in one step. `lamina.models.load_model` reads it.
        overwrite : bool, default=True
            Whether an existing file may be replaced.

        Raises
        ------
        FileError
            If there is a file that may not be replaced.
        InvalidParameter
            If the model holds a function: a file holds no code. `save_weights` always works.
        """
        _check_free(path, overwrite)
        write_model(self, path)

    def save_weights(self, path: str | os.PathLike[str], overwrite: bool = True) -> None:
        """Write the weights alone."""
        _check_free(path, overwrite)
        write_file(path, "weights", self.get_weights())

    def load_weights(self, path: str | os.PathLike[str]) -> None:
        """Read what `save_weights` wrote for a model of the same shapes."""
        kind, weights = read_file(path)
        if kind != "weights":
            raise FileError(f'{path} holds a "{kind}", not weights. Use lamina.models.load_model for a whole model.')
        self.set_weights(weights)


def _check_free(path: str | os.PathLike[str], overwrite: bool) -> None:
    if not overwrite and os.path.exists(path):
        raise FileError(f"{path} exists. Choose another name, or allow overwrite=True.")
