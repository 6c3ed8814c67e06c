"""Data sets to try things on."""

from lamina.datasets.embedded import EMBEDDED, load

__all__ = ["EMBEDDED", "load"]
