"""Start from what is already learned."""

from lamina.reuse.weights import from_keras, from_sklearn, from_torch, to_keras, to_sklearn, to_torch

__all__ = ["from_keras", "from_sklearn", "from_torch", "to_keras", "to_sklearn", "to_torch"]
