"""Start from what is already learned: layers of trained networks, of lamina and of other libraries."""

from lamina.reuse.classifier import FineTuneClassifier
from lamina.reuse.images import ResizeImages
from lamina.reuse.pairs import PairNetwork
from lamina.reuse.regressor import FineTuneRegressor
from lamina.reuse.weights import from_keras, from_sklearn, from_torch, to_keras, to_sklearn, to_torch

__all__ = [
    "FineTuneClassifier",
    "FineTuneRegressor",
    "PairNetwork",
    "ResizeImages",
    "from_keras",
    "from_sklearn",
    "from_torch",
    "to_keras",
    "to_sklearn",
    "to_torch",
]
