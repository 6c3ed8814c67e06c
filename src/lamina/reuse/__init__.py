"""What is learned once and used again."""

from lamina.reuse.pairs import PairNetwork

__all__ = ["PairNetwork"]
