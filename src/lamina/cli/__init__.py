"""The command line."""

from lamina.cli.app import main

__all__ = ["main"]
