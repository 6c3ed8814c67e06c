"""Charts as plain geometry: what the template needs to draw them as inline SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

#: size of a chart in its own units: about a phone's pixels, so that its text is readable there
WIDTH, HEIGHT = 360, 230
LEFT, RIGHT, TOP, BOTTOM = 52, 350, 10, 194
MOST_POINTS, MOST_BANDS, MOST_DOTS, MOST_CELLS = 400, 100, 1000, 40
#: height of a phase's name, and the width of a letter of it
HEAD, LETTER = 14, 6.5
#: a quotient of the largest and the least value from which an axis is logarithmic
WIDE = 30


@dataclass(frozen=True)
class Line:
    """A curve with the name and the colour (one of the style sheet's) that it has in the legend."""

    name: str
    x: np.ndarray
    y: np.ndarray
    colour: str = "blue"
    dashed: bool = False


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Shape:
    """A rectangle, or a dot in its corner, that tells a text when it is pointed at."""

    x: float
    y: float
    text: str
    width: float = 0.0
    height: float = 0.0
    strength: float = 1.0


@dataclass(frozen=True)
class Phase:
    """A part of the horizontal axis, and where its name stands above it."""

    name: str
    x: float
    width: float
    at: float
    anchor: str


@dataclass(frozen=True)
class Chart:
    """A chart in its own units, and in a sentence; what is not in it is empty."""

    label: str
    summary: str
    x_label: str
    y_label: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    paths: list[tuple[Line, str]] = field(default_factory=list)
    bands: list[Shape] = field(default_factory=list)
    dots: list[Shape] = field(default_factory=list)
    bars: list[Shape] = field(default_factory=list)
    cells: list[Shape] = field(default_factory=list)
    mark: Tick | None = None
    zero: float | None = None
    phases: list[Phase] = field(default_factory=list)
    #: room above, for the names of phases
    head: int = 0
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM


class Scale:
    """The way from numbers to places along an axis."""

    def __init__(self, values: np.ndarray, start: float, end: float, log: bool = False) -> None:
        known = values[np.isfinite(values)].astype(float)
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        if low == high:
            low, high = (low / 2, high * 2) if log else (low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2)
        self.low, self.high, self.start, self.end, self.log = low, high, start, end, log

    def __call__(self, value: float) -> float:
        """The place of a number."""
        value, low, high = (
            (math.log(v) for v in (value, self.low, self.high)) if self.log else (value, self.low, self.high)
        )
        return round(self.start + (value - low) / (high - low) * (self.end - self.start), 1)

    def ticks(self, whole: bool = False) -> list[Tick]:
        """A few round numbers."""
        numbers = self._round_log() if self.log else self._round(whole)
        return [Tick(self(number), short(number)) for number in numbers]

    def _round(self, whole: bool) -> list[float]:
        rough = (self.high - self.low) / 4
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
        step = max(step, 1.0) if whole else step
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [k * step for k in range(first, last + 1)]

    def _round_log(self) -> list[float]:
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        powers = [10.0**k for k in decades if self.low <= 10.0**k <= self.high]
        if len(powers) >= 2:
            return powers[:: -(-len(powers) // 6)]
        return [f * 10.0**k for k in decades for f in (1, 2, 5) if self.low <= f * 10.0**k <= self.high]


def line_chart(
    label: str,
    x_label: str,
    y_label: str,
    lines: Sequence[Line],
    mark: tuple[float, str] | None = None,
    phases: Sequence[tuple[str, float, float]] = (),
) -> Chart:
    """Curves over whole numbers such as epochs; `mark` is a number with what it stands for.

    `phases` are names of parts of the axis, each with where it begins and ends.
    """
    every_x, every_y = np.concatenate([line.x for line in lines]), np.concatenate([line.y for line in lines])
    x, y = Scale(every_x, LEFT, RIGHT), Scale(every_y, BOTTOM, TOP, _is_wide(every_y))
    return Chart(
        label=label,
        summary="; ".join(
            [_told(line, x_label) for line in lines]
            + ([] if mark is None else [mark[1]])
            + [f"{name} to {x_label} {short(math.floor(end))}" for name, _, end in phases]
        ),
        phases=[_phase(x, *phase) for phase in phases],
        head=HEAD if phases else 0,
        x_label=x_label,
        y_label=y_label + (" (log scale)" if y.log else ""),
        x_ticks=x.ticks(whole=True),
        y_ticks=y.ticks(),
        paths=[(line, _path(line, x, y)) for line in lines],
        bands=_bands(x_label, lines, x),
        mark=None if mark is None else Tick(x(mark[0]), mark[1]),
    )


def scatter_chart(label: str, x_label: str, y_label: str, x: np.ndarray, y: np.ndarray) -> Chart:
    """Dots around a line at 0."""
    x_scale, y_scale = Scale(x, LEFT + 6, RIGHT - 6), Scale(np.append(y, 0.0), BOTTOM - 6, TOP + 6)
    chosen = thin(len(x), MOST_DOTS)
    dots = [
        Shape(x_scale(a), y_scale(b), f"{x_label} {short(a)}, {y_label} {short(b)}")
        for a, b in zip(x[chosen].tolist(), y[chosen].tolist(), strict=True)
    ]
    ticks = x_scale.ticks(), y_scale.ticks()
    summary = f"{len(x):,} dots, {y_label} from {short(y.min())} to {short(y.max())}"
    return Chart(label, summary, x_label, y_label, *ticks, dots=dots, zero=y_scale(0.0))


def bar_chart(label: str, x_label: str, y_label: str, edges: np.ndarray, counts: np.ndarray) -> Chart:
    """Bars between neighbouring edges."""
    x, y = Scale(edges, LEFT, RIGHT), Scale(np.append(counts, 0), BOTTOM, TOP)
    bars = []
    for low, high, count in zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True):
        text, top = f"{short(low)} to {short(high)}: {count:,}", y(count)
        bars.append(Shape(x(low) + 0.5, top, text, max(x(high) - x(low) - 1, 1), BOTTOM - top))
    most = int(counts.argmax())
    summary = f"the tallest bar has {counts[most]:,} {y_label}, from {short(edges[most])} to {short(edges[most + 1])}"
    return Chart(label, summary, x_label, y_label, x.ticks(), y.ticks(whole=True), bars=bars)


def heat_map(label: str, x_label: str, rows: Sequence[str], columns: np.ndarray, values: np.ndarray) -> Chart:
    """Cells of shape (rows, columns), the stronger the larger the value, on a logarithmic scale."""
    down, across = thin(len(rows), MOST_CELLS), thin(len(columns), MOST_CELLS)
    positive = np.where(values > 0, values, np.nan)
    strength = Scale(positive, 8, 100, log=True)  # in percent
    left, height = 96, max(60, 22 * len(down))
    width, tall = (RIGHT - left) / len(across), height / len(down)
    cells = [
        Shape(
            round(left + j * width, 1),
            round(TOP + i * tall, 1),
            f"{rows[row]}, {x_label} {short(columns[column])}: {short(values[row, column])}",
            round(width, 1),
            round(tall, 1),
            round(strength(value) / 100, 3) if np.isfinite(value := float(positive[row, column])) else 0.0,
        )
        for i, row in enumerate(down)
        for j, column in enumerate(across)
    ]
    x_ticks = [Tick(round(left + (j + 0.5) * width, 1), short(columns[across[j]])) for j in thin(len(across), 6)]
    y_ticks = [Tick(round(TOP + (i + 0.5) * tall, 1), rows[row]) for i, row in enumerate(down)]
    bottom = TOP + height
    summary = f"from {short(strength.low)} (faint) to {short(strength.high)} (strong)"
    return Chart(
        label, summary, x_label, "", x_ticks, y_ticks, cells=cells, left=left, bottom=bottom, height=bottom + 36
    )


def thin(n: int, most: int) -> np.ndarray:
    """At most so many of `n` indices, evenly, with the first and the last."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int))


def short(value: float) -> str:
    """A number in a few characters."""
    value = float(value)
    if not math.isfinite(value):
        return "–" if math.isnan(value) else str(value)
    if value == int(value) and abs(value) < 1e5:
        return f"{int(value)}"
    if 1e-3 <= abs(value) < 1e3:
        return f"{value:.3g}"
    digits, power = f"{value:.2e}".split("e")
    return f"{float(digits):g}e{int(power)}"


def _is_wide(values: np.ndarray) -> bool:
    """Whether numbers are so far apart that only their logarithms are seen side by side."""
    known = values[np.isfinite(values)]
    return bool(len(known) and known.min() > 0 and known.max() > WIDE * known.min())


def _told(line: Line, x_label: str) -> str:
    """The ends of a curve in words."""
    first, last = (f"{short(line.y[k])} at {x_label} {short(line.x[k])}" for k in (0, -1))
    return f"{line.name} from {first} to {last}"


def _path(line: Line, x: Callable[[float], float], y: Callable[[float], float]) -> str:
    """The `d` of an SVG path, broken where the curve is not known."""
    parts, pen = [], "M"
    for index in thin(len(line.x), MOST_POINTS):
        value = float(line.y[index])
        if not math.isfinite(value):
            pen = "M"
            continue
        parts.append(f"{pen}{x(float(line.x[index])):g} {y(value):g}")
        pen = "L"
    if len(parts) == 1:  # a single point is drawn as a short stroke
        parts.append("h.1")
    return "".join(parts)


def _phase(x: Callable[[float], float], name: str, low: float, high: float) -> Phase:
    """The band of a phase; the name of a narrow one begins with it, or ends with it at the edges."""
    start, end = x(low), x(high)
    if end - start > LETTER * len(name):
        at, anchor = (start + end) / 2, "middle"
    else:
        at, anchor = (start, "start") if start > LEFT and end < RIGHT else (end, "end")
    return Phase(name, start, round(end - start, 1), round(at, 1), anchor)


def _bands(x_label: str, lines: Sequence[Line], x: Callable[[float], float]) -> list[Shape]:
    """Invisible columns that tell the values of all curves where they are pointed at."""
    places = lines[0].x
    chosen = thin(len(places), MOST_BANDS)
    width = (RIGHT - LEFT) / max(len(chosen) - 1, 1)
    bands = []
    for index in chosen:
        values = ", ".join(f"{line.name} {short(line.y[index])}" for line in lines)
        at = x(float(places[index]))
        start, end = max(at - width / 2, LEFT), min(at + width / 2, RIGHT)
        bands.append(Shape(round(start, 1), TOP, f"{x_label} {short(places[index])}: {values}", round(end - start, 1)))
    return bands
