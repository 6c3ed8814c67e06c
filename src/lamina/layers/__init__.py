"""Layers: one family per file."""

from lamina.layers.base import Call, Layer
from lamina.layers.dense import Dense

__all__ = ["Call", "Dense", "Layer"]
