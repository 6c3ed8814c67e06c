"""Targets: class labels to columns of booleans and back."""

from __future__ import annotations

import numpy as np
from sklearn.utils.multiclass import type_of_target, unique_labels

from lamina.errors import DataError


class LabelCodec:
    """Turns labels into boolean columns (one per class; one in all for two classes) and predictions into labels."""

    def __init__(self, classes: np.ndarray, multilabel: bool) -> None:
        self.classes = classes
        self.multilabel = multilabel

    @classmethod
    def learn(cls, y: np.ndarray) -> LabelCodec:
        """The codec of the classes that occur in `y`."""
        kind = type_of_target(y, input_name="y")
        if kind == "multiclass-multioutput":
            raise DataError(
                f"Unknown label type: {kind}. A classifier expects one column of classes, or several of zeros and "
                f"ones. Received {np.shape(y)[1]} columns of classes. Fit one network for each column: "
                "sklearn.multioutput.MultiOutputClassifier(MLPClassifier(...))."
            )
        if kind not in ("binary", "multiclass", "multilabel-indicator"):
            raise DataError(
                f"Unknown label type: {kind}. A classifier expects class labels of shape (n_samples,) or a multilabel "
                f"indicator of zeros and ones of shape (n_samples, n_labels); use a regressor for continuous targets."
            )
        return cls(unique_labels(y), kind == "multilabel-indicator")

    @property
    def link(self) -> str:
        """The output activation: softmax for three classes or more, else logistic."""
        return "softmax" if not self.multilabel and len(self.classes) > 2 else "logistic"

    def encode(self, y: np.ndarray) -> np.ndarray:
        """Booleans of shape (n_samples, n_outputs); every label must be a known class."""
        if self.multilabel:
            dense = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
            return dense.astype(bool)
        codes = np.searchsorted(self.classes, y)
        if self.link == "logistic":
            return (codes == 1).reshape(-1, 1)
        return codes[:, None] == np.arange(len(self.classes))

    def decode(self, probability: np.ndarray) -> np.ndarray:
        """The predicted labels for outputs of shape (n_samples, n_outputs)."""
        if self.multilabel:
            return (probability > 0.5).astype(int)
        if self.link == "logistic":
            last = len(self.classes) - 1
            return self.classes[np.minimum((probability[:, 0] > 0.5).astype(int), last)]
        return self.classes[probability.argmax(axis=1)]
