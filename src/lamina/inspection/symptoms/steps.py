"""Steps that are too large, too small or too few."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lamina.inspection.finding import Finding, Remedy
from lamina.inspection.record import Record

#: change of the weights in a step, over their size
LARGE_STEP = 0.05
#: and in all steps together, were they in one direction: weights that have hardly left their place
SHORT_WAY = 0.05
#: a single step so large has thrown the weights far away
THROWN = 0.5
#: share of the epochs in which the training loss rises
JUMPY = 0.25
#: skill that the last fifth of the epochs has gained, and the same as a share of the loss that is left
STILL_GAINING, OF_THE_REST = 0.01, 0.04
#: a gain of a training that has hardly begun
MUCH = 0.05
SKILLED = 0.9


def diverged(record: Record) -> Iterator[Finding]:
    """A loss that is no number, or has exploded."""
    if record.diverged:
        yield Finding(
            "diverged",
            "severe",
            f"The training diverged in epoch {record.epochs}: its loss is not finite any more, or has exploded.",
            {"epoch": record.epochs, "first_loss": float(record.history["loss"][0])},
            (
                Remedy(
                    "Make steps ten times smaller, and clip the gradient.",
                    _rate(record, 0.1) | ({"clipnorm": 1.0} if record.settings else {}),
                ),
                Remedy("Draw initial weights that suit the activation.", {"kernel_initializer": "auto"}),
            ),
        )


def learning_rate_too_high(record: Record) -> Iterator[Finding]:
    """Large steps, and a loss that jumps or has stopped falling early."""
    if not _is_too_fast(record):
        return
    step, jumps, largest = _step(record), _jumps(record), _largest_step(record)
    yield Finding(
        "learning_rate_too_high",
        "severe" if record.val_skill < 0.5 else "warning",
        f"A step changes the weights by {step:.1%} of their size and at first by up to {largest:.0%}, and the training "
        f"loss rose in {jumps:.0%} of the epochs: steps jump over the minimum.",
        {"update_ratio": step, "largest_update_ratio": largest, "rises": jumps},
        (
            Remedy("Divide the learning rate by 10.", _rate(record, 0.1)),
            Remedy("Let the rate fall during the training.", {"learning_rate": "onecycle"}),
        ),
    )


def learning_rate_too_low(record: Record) -> Iterator[Finding]:
    """Small steps down a loss that still falls steadily."""
    if not _is_too_slow(record):
        return
    way = _way(record)
    yield Finding(
        "learning_rate_too_low",
        "severe" if record.val_skill < 0.5 else "warning",
        f"All steps of {record.epochs} epochs together changed the weights by {way:.1%} of their size at most, and the "
        "loss is still far from its minimum.",
        {"update_ratio": _step(record), "all_updates": way, "train_skill": record.train_skill},
        (Remedy("Multiply the learning rate by 10.", _rate(record, 10.0)),),
    )


def not_enough_epochs(record: Record) -> Iterator[Finding]:
    """A validation loss that was still falling when the epochs ran out."""
    if record.diverged or record.epochs < record.planned_epochs or _is_too_slow(record):
        return
    gain = _late_gain(record)
    if gain < max(STILL_GAINING, OF_THE_REST * (1 - record.val_curve[-1])):
        return
    yield Finding(
        "not_enough_epochs",
        "severe" if gain > MUCH and record.val_skill < 0.5 else "warning",
        f"The validation loss was still falling in the last of {record.epochs} epochs: the last fifth of them removed "
        f"{gain:.1%} of the loss of a constant prediction.",
        {"late_gain": gain, "epochs": record.epochs},
        (Remedy("Train for five times as long.", {"max_iter": 5 * record.epochs} if record.settings else {}),),
    )


def learning_rate_right(record: Record) -> Iterator[Finding]:
    """Steps of a good size that got far."""
    step = _step(record)
    if record.train_skill > SKILLED and not (record.diverged or _is_too_fast(record)):
        yield Finding(
            "learning_rate_right",
            "info",
            f"The learning rate is right: a step changes the weights by {step:.2%} of their size, and the loss fell by "
            f"{record.train_skill:.0%}.",
            {"update_ratio": step},
        )


def _rate(record: Record, factor: float) -> dict[str, float]:
    """The learning rate of an estimator, times a factor."""
    rate = record.settings.get("learning_rate_init")
    return {} if rate is None else {"learning_rate_init": float(f"{rate * factor:.3g}")}


def _step(record: Record, of_new_layers: bool = False) -> float:
    """The typical change of a layer's weights in a step, over their size, in the second half of the training."""
    ratios = record.flow.update_ratio[len(record.flow.epoch) // 2 :]
    if of_new_layers:
        ratios = ratios[:, [name not in record.learned_before for name in record.flow.layers]]
    ratios = ratios[np.isfinite(ratios)]
    return float(np.median(ratios)) if len(ratios) else 0.0


def _way(record: Record) -> float:
    """How far the weights can have come in all steps, over their size; those learned before need not go far."""
    return _step(record, of_new_layers=True) * record.steps_per_epoch * record.epochs


def _jumps(record: Record) -> float:
    """The share of epochs in which the training loss rose."""
    loss = record.history["loss"]
    return float(np.mean(np.diff(loss) > 0)) if len(loss) > 3 else 0.0


def _late_gain(record: Record) -> float:
    """The skill on validation rows that the last fifth of the epochs has added."""
    curve = record.val_curve
    late = max(len(curve) // 5, 1)
    return float(curve[-1] - curve[-1 - late]) if len(curve) > late else 0.0


def _largest_step(record: Record) -> float:
    """The largest change of a layer's weights in a step, over their size; layers that start at 0 do not count."""
    flow = record.flow
    ratios = flow.update_ratio[:, flow.weight_norm[0] > 0]
    return float(np.max(ratios, initial=0.0, where=np.isfinite(ratios)))


def _is_too_fast(record: Record) -> bool:
    """Whether steps jump about, or have thrown the weights far away."""
    if record.diverged:
        return False
    return _largest_step(record) > THROWN or (_step(record) > LARGE_STEP and _jumps(record) > JUMPY)


def _is_too_slow(record: Record) -> bool:
    """Whether the loss falls steadily, is far from its end, and the weights are about where they began."""
    return not record.diverged and _way(record) < SHORT_WAY and _jumps(record) < JUMPY and record.train_skill < SKILLED
