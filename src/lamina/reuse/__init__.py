"""Start from what is already learned: layers of trained networks, of lamina and of other libraries."""

from lamina.reuse.pairs import PairNetwork
from lamina.reuse.weights import from_keras, from_sklearn, from_torch, to_keras, to_sklearn, to_torch

__all__ = ["PairNetwork", "from_keras", "from_sklearn", "from_torch", "to_keras", "to_sklearn", "to_torch"]
