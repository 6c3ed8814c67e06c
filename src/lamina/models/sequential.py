"""A stack of layers with its weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import rich.box
from rich.console import Console
from rich.table import Table

from lamina.layers import Layer


class Sequential:
    """Layers one after the other, and the store of their weights.

    Built by the estimators (``clf.model_``).

    Examples
    --------
    >>> from lamina import MLPClassifier
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((8,), solver="lbfgs", max_iter=1000, random_state=0).fit(X, y).model_
    >>> model.count_params()
    67
    """

    def __init__(self, layers: Sequence[tuple[str, Layer]], input_shape: tuple[int, ...], dtype: str) -> None:
        self.named_layers = list(layers)
        self.input_shape = input_shape
        self.dtype = dtype
        self.params: dict[str, dict[str, np.ndarray]] = {}
        self.state: dict[str, dict[str, np.ndarray]] = {}

    @classmethod
    def from_store(cls, layers, params: dict, state: dict, input_shape: tuple[int, ...], dtype: str) -> Sequential:
        """A model of given weights."""
        model = cls(layers, input_shape, dtype)
        model.params, model.state = params, state
        return model

    @property
    def layers(self) -> list[Layer]:
        """The layers in order."""
        return [layer for _, layer in self.named_layers]

    def get_weights(self) -> list[np.ndarray]:
        """All weights, layer by layer."""
        return [array for name, _ in self.named_layers for array in self.params[name].values()]

    def count_params(self) -> int:
        """Number of weights."""
        return sum(array.size for array in self.get_weights())

    def output_shapes(self) -> list[tuple[int, ...]]:
        """The shape after each layer, without the row axis."""
        shape, shapes, rng = self.input_shape, [], np.random.RandomState(0)
        for layer in self.layers:
            _, _, shape = layer.init(rng, shape)
            shapes.append(shape)
        return shapes

    def summary(self, print_fn: Callable[[str], None] = print) -> None:
        """Print a table of layers, output shapes and numbers of parameters.

        Parameters
        ----------
        print_fn : callable, default=print
            Receives the text.
        """
        table = Table(box=rich.box.SIMPLE_HEAD)
        for heading in ("Layer", "Output shape", "Activation"):
            table.add_column(heading)
        table.add_column("Parameters", justify="right")
        for (name, layer), shape in zip(self.named_layers, self.output_shapes()):
            activation = getattr(layer, "activation", "")
            shown = activation if isinstance(activation, str) else getattr(activation, "__name__", repr(activation))
            count = sum(array.size for array in self.params[name].values())
            table.add_row(f"{name} ({type(layer).__name__})", str((None, *shape)), shown, f"{count:,}")
        console = Console(width=80, color_system=None, force_terminal=False)
        with console.capture() as text:
            console.print(table)
            console.print(f" Total parameters: {self.count_params():,}  ({self.dtype})")
        print_fn(text.get())
