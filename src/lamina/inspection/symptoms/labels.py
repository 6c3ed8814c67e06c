"""Classes that are rare, and labels that are likely wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.base import clone

from lamina.inspection.finding import Finding, Remedy
from lamina.inspection.record import Record
from lamina.inspection.rehearsal import rehearse
from lamina.inspection.symptoms.skill import GAP, LITTLE, freed

#: share of a class, over the share if all were as frequent
RARE = 0.4
#: recall of a rare class, over the mean of the others
POOR = 0.75
#: share of confidently contradicted labels
NOISY = 0.2
FOLDS = 3
#: rows per class, on average, below which mistakes say little
ENOUGH = 30


def class_imbalance(record: Record) -> Iterator[Finding]:
    """Rare classes that are missed more often than others."""
    if not _has_enough(record) or record.settings.get("class_weight") is not None:
        return
    of_rows, of_valid = record.labels(record.rows), record.labels(record.valid)
    n_classes = int(max(of_rows.max(), of_valid.max())) + 1
    shares = np.bincount(of_rows, minlength=n_classes) / len(of_rows)
    hit = record.probabilities(record.valid).argmax(axis=1) == of_valid
    recall = np.array([hit[of_valid == k].mean() if (of_valid == k).any() else np.nan for k in range(n_classes)])
    rare = shares < RARE / n_classes
    if not rare.any() or rare.all() or np.isnan(recall[rare]).all():
        return
    found, others = np.nanmean(recall[rare]), np.nanmean(recall[~rare])
    if found > POOR * others:
        return
    yield Finding(
        "class_imbalance",
        "severe" if found < 0.5 * others else "warning",
        f"{rare.sum()} of {n_classes} classes are rare ({shares[rare].max():.1%} of the rows at most), and only "
        f"{found:.0%} of their validation rows are recognised, {others:.0%} of the others'.",
        {"rarest": shares.min(), "recall_of_rare": found, "recall_of_others": others},
        (Remedy("Weigh classes by their rarity.", {"class_weight": "balanced"} if record.settings else {}),),
    )


def label_noise(record: Record) -> Iterator[Finding]:
    """Labels that networks trained without them contradict with confidence.

    A label counts as contradicted where another class is as probable as it usually is for its own rows, and more
    probable than the label (Northcutt, Jiang & Chuang, Confident learning, 2021).
    """
    by_heart, model = record.train_skill - record.val_skill > GAP, record.model
    if not _has_enough(record) or record.diverged or not (by_heart or record.train_skill < LITTLE):
        return
    if not by_heart and record.settings:  # a network that is too small contradicts labels that are right
        model = clone(model).set_params(**freed(record))
    labels, folds = record.labels(record.rows), record.folds(FOLDS)
    best = int(np.nanargmin(record.history["val_loss"])) + 1
    probabilities = np.zeros_like(record.probabilities(record.rows))
    for k in range(FOLDS):
        copy = rehearse(model, *record.some_rows(folds != k), epochs=best)
        probabilities[folds == k] = record.probabilities(record.rows, copy)[folds == k]
    own = [column[labels == k] for k, column in enumerate(probabilities.T)]
    usual = np.array([column.mean() if len(column) else 1.0 for column in own])
    confident = np.where(probabilities >= usual, probabilities, 0.0)
    said = confident.argmax(axis=1)
    share = float(np.mean((confident.max(axis=1) > 0) & (said != labels)))
    if share > NOISY:
        yield Finding(
            "label_noise",
            "severe",
            f"About {share:.0%} of the labels are contradicted by confident predictions of networks that have not seen "
            "them.",
            {"contradicted": share},
            (
                Remedy(
                    "Look at these rows and correct their labels. Until then, soften all labels and stop early.",
                    {"label_smoothing": 0.2, "early_stopping": True} if record.settings else {},
                ),
            ),
        )


def _has_enough(record: Record) -> bool:
    """Whether there are classes, and rows enough to judge them."""
    return record.classes and len(record.rows[0]) >= ENOUGH * record.n_classes
