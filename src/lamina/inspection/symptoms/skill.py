"""Too little skill, or too little of it on new rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lamina.inspection.finding import Finding, Remedy
from lamina.inspection.record import Record
from lamina.inspection.rehearsal import rehearse
from lamina.inspection.symptoms.steps import not_enough_epochs

#: skills on the training rows
LITTLE, HARDLY_ANY = 0.75, 0.3
#: skill on training rows minus that on validation rows
GAP, WIDE_GAP = 0.25, 0.6
#: validation loss at the end over its minimum
RISEN, RISEN_FAR = 1.1, 1.5
#: share of the planned epochs in which a minimum of the validation loss is an early one
EARLY = 0.8
#: no penalties, no dropout and the like; and an `alpha` that is not felt either
FREE = {"alpha": 1e-4, "l1": 0.0, "dropout": 0.0, "input_dropout": 0.0, "max_norm": None, "weight_decay": None}
MILD = 0.01
#: skill that the second half of the rows adds
WORTH_IT = 0.03


def underfitting(record: Record) -> Iterator[Finding]:
    """Training rows that are not fitted."""
    # early stopping may have gone back to weights of a better score and a worse loss
    reached = max(record.train_skill, 1 - float(np.min(record.history["loss"])) / record.baseline)
    if record.diverged or reached > LITTLE:
        return
    if record.train_skill - max(record.val_skill, 0) > GAP or (not record.classes and record.train_skill > HARDLY_ANY):
        return
    yield Finding(
        "underfitting",
        "severe" if record.train_skill < HARDLY_ANY else "warning",
        f"The network removes {max(record.train_skill, 0):.0%} of the loss of a constant prediction, on the very rows "
        "that it is trained on: it is too small, or held back too much.",
        {"train_skill": record.train_skill, "val_skill": record.val_skill},
        tuple(_encouragements(record)),
    )


def validation_loss_rising(record: Record) -> Iterator[Finding]:
    """A validation loss that went up again while training went on."""
    val_loss = record.history["val_loss"]
    if record.diverged or record.settings.get("early_stopping") or not np.isfinite(val_loss).any():
        return
    best = int(np.nanargmin(val_loss))
    rise = float(val_loss[-1] / val_loss[best]) if val_loss[best] > 0 else 1.0
    if best + 1 > EARLY * len(val_loss) or rise < RISEN:
        return
    yield Finding(
        "validation_loss_rising",
        "severe" if rise > RISEN_FAR and record.val_skill < 0.5 else "warning",
        f"The validation loss was at its best after epoch {best + 1} of {record.epochs} and is {rise:.2g} times as "
        "large now: since then the network has learned by heart.",
        {"best_epoch": best + 1, "rise": rise},
        (
            Remedy(
                "Stop early and keep the best weights.",
                {"early_stopping": True, "scoring": "loss"} if record.settings else {},
            ),
            *_restraints(record),
        ),
    )


def overfitting(record: Record) -> Iterator[Finding]:
    """Far more skill on the training rows than on others."""
    if record.diverged:
        return
    gap = record.train_skill - record.val_skill
    if gap < GAP or record.train_skill <= 0:  # a network that has learned nothing has not learned by heart
        return
    on_others = f"removes {record.val_skill:.0%}" if record.val_skill >= 0 else f"adds {-record.val_skill:.0%}"
    yield Finding(
        "overfitting",
        "severe" if gap > WIDE_GAP and record.val_skill < 0.3 else "warning",
        f"The network removes {record.train_skill:.0%} of the loss of a constant prediction on the training rows, but "
        f"{on_others} on the validation rows.",
        {"train_skill": record.train_skill, "val_skill": record.val_skill},
        tuple(_restraints(record)),
    )


def more_data_would_help(record: Record) -> Iterator[Finding]:
    """A validation skill that grows with the rows: trained once more, on half of them."""
    if record.diverged or record.train_skill - record.val_skill < GAP / 2:
        return
    half = rehearse(
        record.model,
        *record.some_rows(record.folds(2) != 1),
        epochs=record.epochs,
        validation_data=record.validation_data,
    )
    skill = record.val_skill_of(half)
    if record.val_skill - skill > WORTH_IT:
        yield Finding(
            "more_data_would_help",
            "info",
            f"With half of the rows the validation skill is {skill:.2f}, with all of them {record.val_skill:.2f}: "
            "more rows would likely help.",
            {"half": skill, "all": record.val_skill},
            (Remedy("Collect more rows, or make them: noise on the inputs, mixed rows, shifted images."),),
        )


def freed(record: Record) -> dict:
    """What lets a network fit more: nothing that holds it back; where there is no such thing, more units."""
    if not record.settings:  # those of a model of the Keras door cannot be changed from outside
        return {}
    off = {name: value for name, value in FREE.items() if record.settings[name] != value}
    if record.settings["alpha"] <= MILD:
        off.pop("alpha", None)
    widths = np.atleast_1d(record.settings["hidden_layer_sizes"]).tolist() or [100]
    return off or {"hidden_layer_sizes": tuple(max(4 * width, 100) for width in widths)}


def _encouragements(record: Record) -> list[Remedy]:
    """Longer training comes first where the epochs ran out and nothing held the network back."""
    more = freed(record)
    held_back = bool(more) and "hidden_layer_sizes" not in more
    freer = Remedy("Take off what holds the network back, such as penalties and dropout.", more if held_back else {})
    wider = Remedy("Use a wider network.", {} if held_back else more)
    longer = Remedy("Train for longer.", {"max_iter": 5 * record.epochs} if record.settings else {})
    if held_back:
        return [freer, longer]
    both = [longer, wider] if any(not_enough_epochs(record)) else [wider, longer]
    return both if more else [freer, *both]


def _restraints(record: Record) -> Iterator[Remedy]:
    """What keeps a network from learning by heart."""
    alpha = record.settings.get("alpha", 0.0)
    yield Remedy("Penalise large weights.", {"alpha": max(100 * alpha, 0.1)} if record.settings else {})
    yield Remedy("Use dropout.", {"dropout": 0.3} if record.settings else {})
