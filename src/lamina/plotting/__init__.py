"""Displays: arrays in, pictures out."""

from lamina.plotting.curves import LossCurveDisplay

__all__ = ["LossCurveDisplay"]
