"""The end of a network: its last activation and its loss, taken together where that is exact and cheaper."""

from __future__ import annotations

from collections.abc import Sequence

from lamina.layers import Activation, Layer, Softmax
from lamina.losses import Loss, with_link

Layers = tuple[tuple[str, Layer], ...]


def without_link(layers: Sequence[tuple[str, Layer]], loss: Loss) -> tuple[Layers, Loss]:
    """Recipes of the layers and the loss to train with.

    A loss on probabilities after a softmax or sigmoid becomes the same loss on the numbers before it, and the layers'
    last activation the identity: the derivative ``probability - target`` neither overflows nor vanishes.
    """
    recipes = [(name, layer.recipe()) for name, layer in layers]
    name, last = recipes[-1]
    activation = "softmax" if isinstance(last, Softmax) else getattr(last, "activation", None)
    linked = with_link(loss, activation) if isinstance(activation, str) else loss
    if linked is loss:
        return tuple(recipes), loss
    if isinstance(last, Softmax):
        return (*recipes[:-1], (name, Activation("identity").recipe())), linked
    last.activation = "identity"
    return tuple(recipes), linked
