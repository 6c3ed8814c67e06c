"""Signals and gradients that do not get through the layers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lamina.inspection.finding import Finding, Remedy
from lamina.inspection.record import Record
from lamina.layers import Dense

#: gradient of the first dense layers over that of the last one
VANISHED, EXPLODED = 1e-3, 1e3
#: shares of a layer's units or outputs
MANY, NEARLY_ALL = 0.5, 0.9
#: a network this skilled trains well enough for a problem to be a warning at most
SKILLED = 0.5


def vanishing_gradients(record: Record) -> Iterator[Finding]:
    """First layers whose gradients are far smaller than the last one's."""
    ratio = _first_to_last(record)
    if ratio is None or ratio > VANISHED:
        return
    yield Finding(
        "vanishing_gradients",
        _severity(record),
        f"The gradient of the first dense layer is {ratio:.1g} times that of the last one: it shrinks on its way back "
        "through the layers, and the first ones hardly learn.",
        {"first_to_last": ratio, "layers": len(_dense(record))},
        (
            Remedy(
                "Use ReLU, which passes gradients on, with initial weights to suit, and batch normalisation.",
                {"activation": "relu", "kernel_initializer": "auto", "normalization": "batch"},
            ),
            Remedy(
                "Use SELU on standardised inputs.",
                {"activation": "selu", "kernel_initializer": "auto", "normalization": None},
            ),
            Remedy("Use fewer hidden layers."),
        ),
    )


def exploding_gradients(record: Record) -> Iterator[Finding]:
    """First layers whose gradients are far larger than the last one's, or gradients far larger than the weights."""
    ratio, norms = _first_to_last(record), _norms(record)
    if ratio is None:
        return
    size = float(np.nanmax(norms / record.flow.weight_norm[:, _dense(record)]))
    if ratio < EXPLODED and size < EXPLODED:
        return
    yield Finding(
        "exploding_gradients",
        _severity(record),
        f"The gradient of the first dense layer is {ratio:.1g} times that of the last one, and gradients are up to "
        f"{size:.1g} times as large as the weights: they grow on their way back through the layers.",
        {"first_to_last": ratio, "gradient_to_weight": size},
        (
            Remedy(
                "Draw initial weights that suit the activation, and clip the gradient.",
                {"kernel_initializer": "auto", "clipnorm": 1.0},
            ),
            Remedy("Add batch normalisation.", {"normalization": "batch"}),
        ),
    )


def dying_relu(record: Record) -> Iterator[Finding]:
    """Layers of which most units give the same for every row."""
    flow = record.flow
    hidden = slice(0, -1)
    open_ended = np.isnan(flow.saturated[-1, hidden])
    shares = np.where(open_ended, flow.dead[:, hidden], 0.0)
    at_end, before = shares[-1].max(initial=0.0), shares[0].max(initial=0.0)
    if at_end < MANY:
        return
    worst = flow.layers[int(shares[-1].argmax())]
    rate = record.settings.get("learning_rate_init", 0.001)
    changes = {"activation": "leaky_relu", "kernel_initializer": "auto", "learning_rate_init": min(rate / 10, 0.001)}
    yield Finding(
        "dying_relu",
        "severe" if at_end > NEARLY_ALL or record.val_skill < SKILLED else "warning",
        f"{at_end:.0%} of the units of {worst} give the same for every row ({before:.0%} of a layer before training): "
        "they get no gradient and will not learn again.",
        {"dead": at_end, "dead_before_training": before},
        (
            Remedy("Use leaky ReLU, which always has a slope, and smaller steps.", changes),
            Remedy("Add batch normalisation.", {"normalization": "batch"}),
        ),
    )


def saturated_units(record: Record) -> Iterator[Finding]:
    """Layers of tanh or sigmoids whose outputs are mostly at the ends of their range."""
    saturated = np.nan_to_num(record.flow.saturated[:, :-1], nan=0.0)
    share = float(max(saturated[0].max(initial=0.0), saturated[-1].max(initial=0.0)))
    if share < MANY:
        return
    epoch = 0 if saturated[0].max() >= saturated[-1].max() else -1
    worst = record.flow.layers[int(saturated[epoch].argmax())]
    yield Finding(
        "saturated_units",
        _severity(record),
        f"{share:.0%} of the outputs of {worst} lie at the ends of the range of its activation, where its slope and "
        "with it the gradient is nearly 0.",
        {"saturated_before_training": float(saturated[0].max()), "saturated": float(saturated[-1].max())},
        (
            Remedy("Draw initial weights that suit the activation.", {"kernel_initializer": "auto"}),
            Remedy("Use ReLU, which has one flat side only.", {"activation": "relu", "kernel_initializer": "auto"}),
        ),
    )


def _severity(record: Record) -> str:
    return "severe" if record.diverged or not record.val_skill > SKILLED else "warning"


def _dense(record: Record) -> list[int]:
    """The places of the dense layers."""
    return [i for i, (_, layer) in enumerate(record.plan.layers) if isinstance(layer, Dense)]


def _norms(record: Record) -> np.ndarray:
    """Gradient norms of the dense layers, by epoch."""
    return record.flow.gradient_norm[:, _dense(record)]


def _first_to_last(record: Record) -> float | None:
    """The gradient of the first dense layer over that of the last one, when both first learn; else None.

    None too in a shallow network.
    """
    norms = _norms(record)
    if norms.shape[1] < 3:
        return None
    both = norms[np.isfinite(norms[:, [0, -1]]).all(axis=1)]  # the first one may be frozen at first
    return float(both[0, 0] / both[0, -1]) if len(both) and both[0, -1] > 0 else None
