"""What a model of the Keras door answers where the report asks an estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import entr

from lamina.engine.uncertainty import Uncertainty
from lamina.errors import InvalidParameter
from lamina.layers import Activation
from lamina.losses.linked import ACTIVATION_OF
from lamina.models import Sequential
from lamina.report.columns import one_per_row


class Numbers:
    """A regression: a number or several per row."""

    def __init__(self, model: Sequential) -> None:
        self.model = model

    def predict(self, X: Any) -> np.ndarray:
        """The outputs."""
        outputs = self.model.predict(X)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def predict_uncertainty(self, X: Any, n_samples: int) -> Uncertainty:
        """The outputs with dropout left on."""
        return self.model.predict_uncertainty(X, n_samples)


class Labels(Numbers):
    """Several labels per row, each with its probability."""

    def predict_proba(self, X: Any) -> np.ndarray:
        """Of each label."""
        return self.model.predict(X)

    def predict(self, X: Any) -> np.ndarray:
        """Labels that are more probable than not."""
        return (self.predict_proba(X) > 0.5).astype(int)


class Classes(Numbers):
    """Classes that exclude each other, called by their numbers; two may share one output."""

    @property
    def classes_(self) -> np.ndarray:
        """The numbers."""
        return np.arange(max(self.model.output_shape[-1] or 0, 2))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Of each class."""
        return _of_each(self.model.predict(X))

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class."""
        return self.predict_proba(X).argmax(axis=1)

    def predict_uncertainty(self, X: Any, n_samples: int) -> Uncertainty:
        """The entropy is that of the mean probabilities, of two classes as well."""
        drawn = super().predict_uncertainty(X, n_samples)
        return drawn._replace(entropy=entr(_of_each(drawn.mean)).sum(axis=1))


def answers_of(model: Sequential, y: Any) -> tuple[Numbers, Any]:
    """What the model answers, by its loss and its outputs, and the targets in the same terms."""
    if len(model.output_shape) != 2:
        raise InvalidParameter(
            f"The model puts out {model.output_shape[1:]} numbers per row. Expected one axis of outputs; leave out "
            "X and y for a report without test rows."
        )
    y = one_per_row(y)
    activation = ACTIVATION_OF.get(type(model.loss))
    if activation is None:
        return Numbers(model), y
    if getattr(model.loss, "from_logits", False):
        model = Sequential([*model.all_layers, Activation(activation)], dtype=model.dtype)
    if activation == "sigmoid" and model.output_shape[-1] != 1:
        return Labels(model), y
    return Classes(model), np.argmax(y, axis=1) if np.ndim(y) > 1 else np.asarray(y).astype(int)


def _of_each(probability: np.ndarray) -> np.ndarray:
    """The probabilities of all classes; of two, one output has only that of the second."""
    return probability if probability.shape[1] > 1 else np.hstack([1 - probability, probability])
