"""Models: stacks of layers with their weights."""

from lamina.models.copies import clone_model, load_model, model_from_json
from lamina.models.sequential import Sequential

__all__ = ["Sequential", "clone_model", "load_model", "model_from_json"]
