"""Layers: one family per file."""

from lamina.layers.activation import Activation
from lamina.layers.base import Call, Layer
from lamina.layers.dense import Dense
from lamina.layers.dropout import (
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    MCAlphaDropout,
    MCDropout,
)
from lamina.layers.normalization import BatchNormalization, LayerNormalization, Normalization

__all__ = [
    "Activation",
    "AlphaDropout",
    "BatchNormalization",
    "Call",
    "Dense",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "Layer",
    "LayerNormalization",
    "MCAlphaDropout",
    "MCDropout",
    "Normalization",
]
