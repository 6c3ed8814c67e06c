"""Trained networks from other libraries and to them."""

from lamina.reuse.weights.from_torch import from_torch
from lamina.reuse.weights.keras import from_keras, to_keras
from lamina.reuse.weights.scikit_learn import from_sklearn, to_sklearn
from lamina.reuse.weights.to_torch import to_torch

__all__ = ["from_keras", "from_sklearn", "from_torch", "to_keras", "to_sklearn", "to_torch"]
