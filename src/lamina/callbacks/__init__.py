"""Callbacks."""

from lamina.callbacks.base import Callback

__all__ = ["Callback"]
