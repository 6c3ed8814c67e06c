"""Data sets to try things on."""

from lamina.datasets import fashion_mnist
from lamina.datasets.embedded import EMBEDDED, load

__all__ = ["EMBEDDED", "fashion_mnist", "load"]
