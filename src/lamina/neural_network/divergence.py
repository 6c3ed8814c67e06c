"""The error of a training that diverged."""

from __future__ import annotations

import numpy as np
from sklearn.base import is_regressor

from lamina.errors import DivergenceError
from lamina.neural_network.steps import first_rate


def diverged(estimator, losses: np.ndarray) -> DivergenceError:
    """Which epoch, what the loss did, what to try; the last finite weights stay in the estimator."""
    return DivergenceError(
        "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
        f"preprocessed. {what_happened(losses)} The last finite weights are kept in coefs_ and intercepts_. "
        f"{what_to_try(estimator)}"
    )


def what_to_try(estimator) -> str:
    """The remedies that suit an estimator."""
    remedies = ["scale the inputs (sklearn.preprocessing.StandardScaler)"]
    if estimator.solver != "lbfgs":
        remedies.insert(0, f"a smaller learning_rate_init (now {first_rate(estimator):g})")
    if is_regressor(estimator):
        remedies.append("scale the targets (sklearn.compose.TransformedTargetRegressor)")
    return f"Try: {'; '.join(remedies)}."


def what_happened(losses: np.ndarray) -> str:
    """Which epoch, and the way of the loss.

    >>> what_happened([1.5, 4e6, float("nan")])
    'Training diverged in epoch 3: the loss went 1.5 -> 4e+06 -> nan.'
    """
    shown = " -> ".join(f"{loss:.4g}" for loss in losses[-4:])
    return f"Training diverged in epoch {len(losses)}: the loss went {shown or 'to nan at once'}."
