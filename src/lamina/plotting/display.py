"""What all displays share: colours, ground, layout, picture files."""

from __future__ import annotations

import io
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

import numpy as np

# Okabe and Ito (2008), "Color universal design": distinguishable with every kind of colour vision.
BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9"
INK, GREY, FAINT = "#222222", "#555555", "#DDDDDD"

# Perceptually uniform and safe with every kind of colour vision; the second for numbers on both sides of 0.
SEQUENTIAL, DIVERGING = "cividis", "RdBu_r"

_DASHES = ("-", "--", ":", "-.")

Panel = Callable[[Any], None]


class Display(ABC):
    """Numbers computed first and drawn later; a subclass keeps the arrays and draws the panels.

    Attributes
    ----------
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.
    """

    columns: ClassVar[int] = 1
    share_x: ClassVar[bool] = False

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of a figure of its own, in inches."""
        return 7.0, 5.0

    @abstractmethod
    def _panels(self) -> Sequence[Panel]:
        """For each panel, the function that draws it on axes."""

    def plot(self, ax: Any = None) -> Self:
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes or sequence of them, optional
            Where to draw, one for each panel; panels without axes are left out. By default a new pyplot figure.

        Returns
        -------
        Display
            Itself.
        """
        if ax is not None:
            return self._draw(ax)
        from matplotlib import pyplot, style

        with style.context("default"):
            return self._draw_on(pyplot.figure(figsize=self.size, layout="constrained"))

    def save(self, path: str | os.PathLike[str], dpi: int = 150) -> None:
        """Draw the display into a PNG file, without a screen.

        Parameters
        ----------
        path : str or path-like
            The file to write.
        dpi : int, default=150
            Dots per inch.
        """
        from lamina.storage import write_atomically

        write_atomically(path, self.to_png(dpi))

    def to_png(self, dpi: int = 150) -> bytes:
        """Draw the display as a PNG picture.

        Parameters
        ----------
        dpi : int, default=150
            Dots per inch.

        Returns
        -------
        bytes
        """
        from matplotlib import style
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        buffer = io.BytesIO()
        with style.context("default"):
            figure = Figure(figsize=self.size, layout="constrained")
            FigureCanvasAgg(figure)
            self._draw_on(figure)
            figure.savefig(buffer, format="png", dpi=dpi)
        return buffer.getvalue()

    def _draw_on(self, figure: Any) -> Self:
        """Draw every panel on a figure's own axes; its opaque light ground reads in dark surroundings too."""
        figure.set_facecolor("#FAFAFA")
        n_panels = len(self._panels())
        n_columns = min(self.columns, n_panels)
        axes = figure.subplots(-(-n_panels // n_columns), n_columns, squeeze=False, sharex=self.share_x).ravel()
        for unused in axes[n_panels:]:
            unused.remove()
        self._draw(axes[:n_panels])
        if self.share_x:
            for ax in self.axes_:
                ax.label_outer()
        return self

    def _draw(self, ax: Any) -> Self:
        """Draw as many panels as there are axes."""
        self.axes_ = tuple(np.atleast_1d(np.asarray(ax, dtype=object)).ravel())
        self.figure_ = self.axes_[0].figure
        for panel, axes in zip(self._panels(), self.axes_, strict=False):
            panel(axes)
        return self


def line_style(number: int) -> dict[str, Any]:
    """Colour and dashes of the line of that number; lines of the same colour differ in their dashes."""
    colours = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
    round_ = number // len(colours)
    return {
        "color": colours[number % len(colours)],
        "linestyle": _DASHES[(number + round_) % len(_DASHES)],
        "linewidth": 1.8,
    }


def dress(axes: Any, xlabel: str = "", ylabel: str = "", title: str = "", legend: bool = False) -> None:
    """Ground, grid, spines, labels and legend as all displays have them."""
    axes.set_facecolor("#FFFFFF")
    axes.set_axisbelow(True)
    axes.grid(True, color=FAINT, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if title:
        axes.set_title(title, fontsize="medium")
    if legend:
        axes.legend(facecolor="white", edgecolor="none", framealpha=0.8, labelcolor=INK)


def legend_beside(axes: Any) -> None:
    """A legend to the right of the axes, for lines that fill them."""
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize="small")


def by_depth(number: int, last: int) -> dict[str, Any]:
    """Look of the line of a layer: from dark, the first, to light, the last; neighbours differ in their dashes."""
    from matplotlib import colormaps

    # The lightest fifth of the colours is hard to see on white.
    return {
        "color": colormaps[SEQUENTIAL](0.8 * number / max(last, 1)),
        "linestyle": _DASHES[number % 4],
        "linewidth": 1.8,
    }
