"""Settings that do not go together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lamina.initializers import get_initializer
from lamina.inspection.finding import Finding, Remedy
from lamina.inspection.record import Record
from lamina.layers import AlphaDropout, BatchNormalization, Dense, Dropout
from lamina.models.assumptions import broken_assumptions

#: rows in a batch below which its mean and variance are mostly noise
FEW_ROWS = 16
#: deviation of the initial weights over that of the initializer that suits the activation
MISFIT = 3.0


def initializer_mismatch(record: Record) -> Iterator[Finding]:
    """Hidden layers whose initial weights are far larger or smaller than the activation wants."""
    ratios = []
    layers = record.plan.layers
    for number, (_, layer) in enumerate(layers[:-1]):
        following = layers[number + 1][1]
        if not isinstance(layer, Dense) or layers[number][0] in record.learned_before:
            continue
        if not isinstance(following, BatchNormalization):
            activation = getattr(following, "activation", None) if layer.activation is None else layer.activation
            ratios.append(_deviation(record, number) / _suited(record, number, activation))
    if not ratios:
        return
    inner = ratios[1:] or ratios  # the first layer's fans differ most, and rules differ most about it
    ratio = float(np.exp(np.mean(np.log(np.maximum(inner, 1e-12)))))
    if max(ratio, 1 / ratio) < (MISFIT if len(ratios) > 1 else MISFIT**2):
        return
    yield Finding(
        "initializer_mismatch",
        "severe" if record.diverged or record.val_skill < 0.5 else "warning",
        f"The initial weights of the hidden layers are {ratio:.2g} times as large as the activation wants: signals "
        f"{'grow' if ratio > 1 else 'shrink'} from layer to layer.",
        {"ratio": ratio},
        (Remedy("Let the activation decide.", {"kernel_initializer": "auto"}),),
    )


def selu_conditions_broken(record: Record) -> Iterator[Finding]:
    """SELU with other initial weights, plain dropout, batch normalisation or inputs that are not standardised."""
    sentences = [s for s in broken_assumptions(record.layers, record.rows[0], record.batch_size) if "SELU" in s]
    if sentences:
        changes = {"kernel_initializer": "auto", "normalization": None} if record.settings else {}
        yield Finding(
            "selu_conditions_broken",
            "severe" if record.diverged or record.val_skill < 0.5 else "warning",
            " ".join(sentences),
            {"conditions": len(sentences)},
            (Remedy("Keep to LeCun's initial weights, without batch normalisation.", changes),),
        )


def batch_norm_small_batches(record: Record) -> Iterator[Finding]:
    """Batch normalisation of a handful of rows."""
    if record.batch_size < FEW_ROWS and any(isinstance(a, BatchNormalization) for _, a in record.plan.layers):
        changes = {"batch_size": min(64, len(record.rows[0]))} if record.settings else {}
        yield Finding(
            "batch_norm_small_batches",
            "severe" if record.batch_size < 4 else "warning",
            f"Batch normalisation estimates mean and variance from {record.batch_size} rows at a time, which is mostly "
            "noise.",
            {"batch_size": record.batch_size},
            (
                Remedy("Use batches of 64 rows.", changes),
                Remedy("Use layer normalisation, which looks at single rows.", {"normalization": "layer"}),
            ),
        )


def dropout_misleads(record: Record) -> Iterator[Finding]:
    """A training loss that is worse than the validation loss only because dropout is on."""
    val_loss, loss = record.history["val_loss"][-1], record.history["loss"][-1]
    clean = (1 - record.train_skill) * record.baseline
    has_dropout = any(isinstance(layer, Dropout | AlphaDropout) for _, layer in record.plan.layers)
    if has_dropout and clean < val_loss < loss:
        yield Finding(
            "dropout_misleads",
            "info",
            f"The training loss of {loss:.3g} is above the validation loss of {val_loss:.3g} because dropout is on "
            f"while it is measured; with dropout off it is {clean:.3g}.",
            {"loss": loss, "clean_loss": clean, "val_loss": val_loss},
            (Remedy("Add lamina.callbacks.CleanLoss(X, y) to fit, to see it after every epoch."),),
        )


def _deviation(record: Record, number: int) -> float:
    """The deviation of a dense layer's initial weights; biases start at or near 0."""
    return float(record.flow.weight_norm[0, number] / np.sqrt(_kernel(record, number).size))


def _suited(record: Record, number: int, activation) -> float:
    """The deviation that the activation's own initializer gives to weights of the same shape."""
    shape = _kernel(record, number).shape
    drawn = get_initializer("auto", activation).draw(np.random.RandomState(0), shape, shape)
    return float(np.std(drawn))


def _kernel(record: Record, number: int) -> np.ndarray:
    return np.asarray(record.subject.params[record.plan.layers[number][0]]["kernel"])
