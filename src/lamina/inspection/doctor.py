"""The doctor: what is wrong with a training, and what to try."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone, is_regressor
from sklearn.model_selection import train_test_split
from sklearn.utils import _safe_indexing, check_consistent_length
from sklearn.utils.multiclass import type_of_target

from lamina.errors import DataError
from lamina.inspection.finding import SEVERITIES, Finding
from lamina.inspection.gradient_flow import GradientFlow
from lamina.inspection.record import Record, record_of
from lamina.inspection.rehearsal import rehearse
from lamina.inspection.subject import as_trained_on, check_subject, network_within
from lamina.inspection.symptoms.gradients import dying_relu, exploding_gradients, saturated_units, vanishing_gradients
from lamina.inspection.symptoms.inputs import constant_columns, duplicated_columns, inputs_not_standardised, outliers
from lamina.inspection.symptoms.labels import class_imbalance, label_noise
from lamina.inspection.symptoms.settings import (
    batch_norm_small_batches,
    dropout_misleads,
    initializer_mismatch,
    selu_conditions_broken,
)
from lamina.inspection.symptoms.skill import more_data_would_help, overfitting, underfitting, validation_loss_rising
from lamina.inspection.symptoms.steps import (
    diverged,
    learning_rate_right,
    learning_rate_too_high,
    learning_rate_too_low,
    not_enough_epochs,
)
from lamina.reuse import FineTuneClassifier, FineTuneRegressor
from lamina.reuse.grown import Grown

#: each looks at the record of a training and yields findings
SYMPTOMS = (
    inputs_not_standardised,
    outliers,
    constant_columns,
    duplicated_columns,
    diverged,
    exploding_gradients,
    vanishing_gradients,
    dying_relu,
    saturated_units,
    initializer_mismatch,
    selu_conditions_broken,
    batch_norm_small_batches,
    learning_rate_too_high,
    learning_rate_too_low,
    learning_rate_right,
    not_enough_epochs,
    underfitting,
    validation_loss_rising,
    overfitting,
    class_imbalance,
    dropout_misleads,
)
#: of a network that learns by heart: why? These train a few more copies, and say nothing about one that cannot learn
EXPLANATIONS = (label_noise, more_data_would_help)
BY_HEART = ("overfitting", "validation_loss_rising")
#: what fine-tuning calls parameters of its network; nothing, where it means something else by the name
FINE_TUNING = {
    **{"max_iter": "epochs", "learning_rate_init": "learning_rate", "hidden_layer_sizes": "new_hidden"},
    **{"learning_rate": "", "activation": ""},
}
#: share of the rows that is held out where no validation rows are given
HELD_OUT = 0.2


class Diagnosis:
    """What the doctor found, the worst first.

    Attributes
    ----------
    findings : tuple of Finding
        With code, severity, reason, evidence and remedies.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings, key=lambda finding: finding.rank))

    @property
    def main(self) -> Finding | None:
        """The finding to look at first; None if there is nothing but information."""
        return next((finding for finding in self.findings if finding.severity != "info"), None)

    @property
    def verdict(self) -> str:
        """The diagnosis in a line."""
        if self.main is None:
            return "healthy: nothing stands in the way of this training"
        others = sum(finding.severity != "info" for finding in self.findings) - 1
        more = f" (and {others} more)" if others else ""
        return f"{self.main.severity}: {self.main.code.replace('_', ' ')}{more}. {self.main.remedies[0].advice}"

    def apply(self, estimator: Any) -> Any:
        """A clone of the estimator with the first remedy of the main finding.

        Parameters
        ----------
        estimator : MLPClassifier or MLPRegressor
            The one that was examined; it stays as it is.

        Returns
        -------
        estimator
            A changed clone, not fitted; a pipeline where something has to come before it. An equal clone if there is
            nothing to change.
        """
        remedies = () if self.main is None else self.main.remedies
        remedy = next((remedy for remedy in remedies if remedy.applies), None)
        return clone(estimator) if remedy is None else remedy.apply(estimator)

    def to_dict(self) -> dict[str, Any]:
        """The diagnosis as a plain tree, for JSON."""
        return {
            "verdict": self.verdict,
            "findings": [
                {
                    "code": finding.code,
                    "severity": finding.severity,
                    "reason": finding.reason,
                    "evidence": {name: float(value) for name, value in finding.evidence.items()},
                    "remedies": [str(remedy) for remedy in finding.remedies],
                }
                for finding in self.findings
            ],
        }

    def __str__(self) -> str:
        lines = [self.verdict]
        for finding in self.findings:
            lines.append(f"\n{finding.severity:<8}{finding.code}\n  {finding.reason}")
            lines += [f"  - {remedy}" for remedy in finding.remedies]
        return "\n".join(lines)

    def __repr__(self) -> str:
        counts = (f"{sum(f.severity == s for f in self.findings)} {s}" for s in SEVERITIES)
        return f"Diagnosis({', '.join(counts)})"


def doctor(model: Any, X: Any, y: Any, validation_data: tuple | None = None, *, epochs: int | None = None) -> Diagnosis:
    """Find out what is wrong with a training, and what to try.

    A copy of the model is trained, with the same settings, while every layer is measured after every epoch
    (`GradientFlow`); then the record of this training, the rows and the settings are looked through. Where the network
    learns by heart, a few more copies are trained, to tell wrong labels and too few rows apart.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor, FineTuneClassifier, FineTuneRegressor or compiled Sequential
        Fitted or not; it stays as it is.
    X, y : array-like
        The training rows.
    validation_data : tuple (X, y), optional
        Rows to validate on; by default a fifth of the training rows is held out.
    epochs : int, optional
        How long to train: by default an estimator's `max_iter`, and for a model as long as it was trained, or 10
        epochs.

    Returns
    -------
    Diagnosis

    Raises
    ------
    InvalidParameter
        For other objects, and for estimators with ``solver="lbfgs"``, which makes no steps to look at.
    DataError
        If there are too few rows to hold some out.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from lamina import MLPClassifier
    >>> X, y = load_wine(return_X_y=True)
    >>> diagnosis = doctor(MLPClassifier((16,), max_iter=50, random_state=0), X, y)
    >>> diagnosis.main.code
    'inputs_not_standardised'
    >>> diagnosis.apply(MLPClassifier((16,)))
    Pipeline(steps=[('standardscaler', StandardScaler()),
                    ('mlpclassifier', MLPClassifier(hidden_layer_sizes=(16,)))])
    """
    if validation_data is None:
        X, X_valid, y, y_valid = _held_out(model, X, y)
        validation_data = (X_valid, y_valid)
    check_subject(model)
    rows, valid = as_trained_on(model, X, y), as_trained_on(model, *validation_data)
    flow = GradientFlow(*rows)
    copy = rehearse(model, X, y, epochs=epochs, validation_data=validation_data, callbacks=[flow])
    return diagnose(record_of(network_within(copy), *rows, valid, flow))


def look_through(record: Record) -> list[Finding]:
    """What the record of a training shows by itself."""
    findings = [finding for symptom in SYMPTOMS for finding in symptom(record)]
    return [_of_fine_tuning(finding) for finding in findings] if isinstance(record.model, Grown) else findings


def diagnose(record: Record) -> Diagnosis:
    """The diagnosis of a training that is on record; where it learns by heart, copies are trained to find out why."""
    findings = look_through(record)
    if isinstance(record.model, Grown):  # one phase by itself would explain nothing
        return Diagnosis(findings)
    if all(finding.severity != "severe" or finding.code in BY_HEART for finding in findings):
        findings += [finding for symptom in EXPLANATIONS for finding in symptom(record)]
    return Diagnosis(findings)


def _of_fine_tuning(finding: Finding) -> Finding:
    """A finding whose remedies change a fine-tuning; what that has no parameter for is left to do by hand."""
    known = FineTuneClassifier().get_params() | FineTuneRegressor().get_params()
    remedies = []
    for remedy in finding.remedies:
        changes = {FINE_TUNING.get(name, name): value for name, value in remedy.changes.items()}
        within = all(name in known for name in changes)
        remedies.append(replace(remedy, changes=changes if within else {}))
    return replace(finding, remedies=tuple(remedies))


def _held_out(model: Any, X: Any, y: Any) -> list:
    """A fifth of the rows for validation, of every class where there are classes, but none that training would lack."""
    check_subject(model)
    check_consistent_length(X, y)
    rows, labels = np.arange(len(y)), np.asarray(y)
    classes = not is_regressor(model) if isinstance(model, BaseEstimator) else True
    by_class = classes and type_of_target(labels) in ("binary", "multiclass")
    labels = labels.ravel() if by_class else labels
    counts = np.unique(labels, return_counts=True)[1] if by_class else np.zeros(1)
    stratify = labels if counts.min() > 1 and HELD_OUT * len(rows) >= len(counts) else None
    train, valid = train_test_split(rows, test_size=HELD_OUT, random_state=0, stratify=stratify)
    if by_class:
        unseen = ~np.isin(labels[valid], labels[train])
        train, valid = np.append(train, valid[unseen]), valid[~unseen]
    if not len(valid):
        raise DataError(f"{len(rows)} rows are too few to hold some out. Give validation_data=(X_valid, y_valid).")
    return [_safe_indexing(of, chosen) for of in (X, y) for chosen in (train, valid)]
