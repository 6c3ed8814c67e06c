"""What the doctor says: findings from a closed list, with evidence and remedies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import make_pipeline

from lamina.errors import InvalidParameter

SEVERITIES = ("severe", "warning", "info")

#: every code that a finding may have, and what it means; where two are equally severe, the upper one comes first
CODES: Mapping[str, str] = {
    "inputs_not_standardised": "columns of the inputs are far from mean 0 and deviation 1, or very unlike each other",
    "outliers": "a few values of a column lie far outside the others",
    "diverged": "the loss is no longer finite, or has exploded",
    "exploding_gradients": "gradients grow on their way back through the layers",
    "vanishing_gradients": "gradients shrink on their way back, so that the first layers do not learn",
    "dying_relu": "many units put out the same for every row and have stopped learning",
    "saturated_units": "many outputs lie at the flat ends of their activation, where gradients are nearly 0",
    "initializer_mismatch": "the initial weights do not fit the activation",
    "selu_conditions_broken": "the conditions under which SELU normalises itself do not hold",
    "batch_norm_small_batches": "batches are so small that the statistics of batch normalisation are mostly noise",
    "learning_rate_too_high": "steps are so large that the loss jumps about instead of falling",
    "learning_rate_too_low": "steps are so small that the loss hardly falls",
    "label_noise": "many labels disagree with confident predictions of networks that have not seen them",
    "class_imbalance": "some classes are rare and badly recognised",
    "not_enough_epochs": "the training ended while the validation loss was still falling",
    "underfitting": "the network does not even fit the rows that it is trained on",
    "validation_loss_rising": "the validation loss has risen since its best epoch, and training went on",
    "overfitting": "the network is much better on the rows that it is trained on than on others",
    "constant_columns": "columns that have a single value tell nothing",
    "duplicated_columns": "columns that are copies of others tell nothing new",
    "more_data_would_help": "the validation score still grows with the number of rows",
    "dropout_misleads": "the training loss is measured with dropout on and looks worse than it is",
    "learning_rate_right": "the loss fell fast and without jumps",
}


@dataclass(frozen=True)
class Remedy:
    """Something to try: a sentence, and what to change in an estimator.

    Attributes
    ----------
    advice : str
        The sentence.
    changes : dict
        Parameters of the estimator with their new values; empty if there is nothing to change in it.
    before : transformer, optional
        What to put before it, such as a `sklearn.preprocessing.StandardScaler`.
    """

    advice: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    before: Any = None

    def __str__(self) -> str:
        changes = ", ".join(f"{name}={value!r}" for name, value in self.changes.items())
        return f"{self.advice} ({changes})" if changes else self.advice

    @property
    def applies(self) -> bool:
        """Whether there is something to change in an estimator."""
        return bool(self.changes) or self.before is not None

    def apply(self, estimator: BaseEstimator) -> Any:
        """A changed clone of the estimator, within a pipeline where something comes before it."""
        if not (isinstance(estimator, BaseEstimator) and hasattr(estimator, "set_params")):
            raise InvalidParameter(
                f"Remedies change estimators, and this is a {type(estimator).__name__}. By hand: {self.advice}"
            )
        changed = clone(estimator).set_params(**self.changes)
        return changed if self.before is None else make_pipeline(clone(self.before), changed)


@dataclass(frozen=True)
class Finding:
    """One thing that is noteworthy about a training.

    Attributes
    ----------
    code : str
        One of `lamina.inspection.CODES`.
    severity : {"severe", "warning", "info"}
        Severe: the training is of little use. Warning: it could be better. Info: good to know.
    reason : str
        What was seen and why it matters, in a sentence.
    evidence : dict of str to float
        The numbers that were judged.
    remedies : tuple of Remedy
        What to try, the most promising first.
    """

    code: str
    severity: str
    reason: str
    evidence: Mapping[str, float]
    remedies: tuple[Remedy, ...] = ()

    @property
    def rank(self) -> tuple[int, int]:
        """The place among other findings: the most severe first, causes before what they lead to."""
        return SEVERITIES.index(self.severity), list(CODES).index(self.code)
