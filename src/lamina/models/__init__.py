"""Models: stacks of layers with their weights."""

from lamina.models.copies import clone_model, load_model, model_from_json
from lamina.models.folding import fold_batch_normalization
from lamina.models.initialization import fixup_init, lsuv_init
from lamina.models.sequential import Sequential

__all__ = [
    "Sequential",
    "clone_model",
    "fixup_init",
    "fold_batch_normalization",
    "load_model",
    "lsuv_init",
    "model_from_json",
]
