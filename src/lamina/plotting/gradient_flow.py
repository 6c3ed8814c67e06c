"""Gradient flow by layer and epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from lamina.checks import Name, check_value
from lamina.engine.probe import QUANTITIES
from lamina.errors import DataError
from lamina.inspection.gradient_flow import GradientFlow, gradient_flow
from lamina.plotting.display import DIVERGING, SEQUENTIAL, Display, Panel, by_depth, dress, legend_beside

#: what can be drawn
DRAWN = (*QUANTITIES, "update_ratio")
_SHARES = {"dead": "dead units", "saturated": "saturated outputs"}

#: of more layers, the legend names the first, the middle and the last one
MOST_NAMES = 10


class GradientFlowDisplay(Display):
    """One quantity of every layer over the epochs: as a heat map and as lines.

    The lines go from dark, the first layer, to light, the last. Norms, deviations and ratios are drawn on a logarithmic
    scale; the colours of shares go from 0 to 1, those of means are centred at 0. Layers of which the quantity is
    unknown (a dropout layer has no weights) are left out.

    Parameters
    ----------
    layers : sequence of str
        Names of the layers.
    epoch : array of shape (n_epochs + 1,)
        0 is before training.
    values : array of shape (n_epochs + 1, n_layers)
        The quantity.
    quantity : str, default="gradient_norm"
        Its name, as in `lamina.inspection.GradientFlow`.

    Attributes
    ----------
    layers, epoch, values, quantity
        As given, without the layers left out.
    axes_ : tuple of matplotlib Axes
        What `plot` drew on: the heat map, the lines.
    figure_ : matplotlib Figure
        The figure around them.

    Raises
    ------
    DataError
        If the quantity is known of no layer.

    Examples
    --------
    >>> display = GradientFlowDisplay(["dense", "dense_1"], [0, 1], [[1e-6, 0.1], [1e-5, 0.2]])
    >>> display.values[:, 0].tolist()
    [1e-06, 1e-05]
    """

    share_x: ClassVar[bool] = True

    def __init__(self, layers: Sequence[str], epoch: Any, values: Any, quantity: str = "gradient_norm") -> None:
        self.quantity = check_value(type(self).__name__, "quantity", quantity, Name(DRAWN))
        values = np.asarray(values, dtype=float)
        known = np.isfinite(values).any(axis=0)
        if not known.any():
            raise DataError(f"{self.quantity} is known of no layer. Draw another quantity: {', '.join(DRAWN)}.")
        self.epoch = np.asarray(epoch)
        self.layers = [name for name, wanted in zip(layers, known, strict=True) if wanted]
        self.values = values[:, known]

    @classmethod
    def from_flow(cls, flow: GradientFlow, quantity: str = "gradient_norm") -> Self:
        """Take a quantity from what was measured.

        Parameters
        ----------
        flow : GradientFlow
            After a training, or the result of `lamina.inspection.gradient_flow`.
        quantity : str, default="gradient_norm"
            "gradient_norm", "weight_norm", "update_norm", "update_ratio", "activation_mean", "activation_std",
            "signal_gradient_std", "dead" or "saturated".

        Returns
        -------
        GradientFlowDisplay

        Raises
        ------
        UnknownName
            If there is no such quantity.
        """
        check_value(cls.__name__, "quantity", quantity, Name(DRAWN))
        if len(flow.epoch) == 0:
            raise DataError("Nothing was measured yet. Pass the GradientFlow to fit as a callback first.")
        return cls(flow.layers, flow.epoch, getattr(flow, quantity), quantity)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, quantity: str = "gradient_norm", epochs: int | None = None
    ) -> Self:
        """Train a copy and measure it, as `lamina.inspection.gradient_flow` does.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor or compiled Sequential
            Fitted or not; it stays as it is.
        X, y : array-like
            The training rows.
        quantity : str, default="gradient_norm"
            As in `from_flow`.
        epochs : int, optional
            How long to train.

        Returns
        -------
        GradientFlowDisplay

        Raises
        ------
        UnknownName
            If there is no such quantity.
        """
        check_value(cls.__name__, "quantity", quantity, Name(DRAWN))
        return cls.from_flow(gradient_flow(estimator, X, y, epochs), quantity)

    @property
    def size(self) -> tuple[float, float]:
        return 7.0, 4.5 + 0.25 * min(len(self.layers), 20)

    def _panels(self) -> Sequence[Panel]:
        return [self._draw_map, self._draw_lines]

    @property
    def _words(self) -> str:
        return _SHARES.get(self.quantity, self.quantity.replace("_", " "))

    @property
    def _is_logarithmic(self) -> bool:
        return self.quantity not in {*_SHARES, "activation_mean"} and bool((self.values > 0).any())

    def _draw_map(self, axes: Any) -> None:
        from matplotlib import colormaps

        dress(axes, "epoch", "layer")
        axes.grid(False)
        colours = colormaps[DIVERGING if self.quantity == "activation_mean" else SEQUENTIAL].with_extremes(
            bad="#BBBBBB"
        )
        grid = np.arange(len(self.epoch) + 1) - 0.5 + self.epoch[0], np.arange(len(self.layers) + 1) - 0.5
        mesh = axes.pcolormesh(*grid, self.values.T, cmap=colours, norm=self._scale())
        step = -(-len(self.layers) // 20)
        axes.set_yticks(range(0, len(self.layers), step), self.layers[::step])
        axes.invert_yaxis()
        self.figure_.colorbar(mesh, ax=axes, label=self._words)

    def _scale(self) -> Any:
        """From numbers to colours: logarithmic, from 0 to 1, or around 0."""
        from matplotlib.colors import LogNorm, Normalize

        if self.quantity in _SHARES:
            return Normalize(0, 1)
        if self._is_logarithmic:
            return LogNorm()
        widest = np.nanmax(np.abs(self.values))
        return Normalize(-widest, widest)

    def _draw_lines(self, axes: Any) -> None:
        last = len(self.layers) - 1
        named = range(last + 1) if last < MOST_NAMES else (0, last // 2, last)
        for number, (name, curve) in enumerate(zip(self.layers, self.values.T, strict=True)):
            axes.plot(self.epoch, curve, label=name if number in named else None, **by_depth(number, last))
        if self._is_logarithmic:
            axes.set_yscale("log")
        if self.quantity in _SHARES:
            axes.set_ylim(bottom=0)
        axes.xaxis.get_major_locator().set_params(integer=True)
        dress(axes, "epoch", self._words)
        legend_beside(axes)
