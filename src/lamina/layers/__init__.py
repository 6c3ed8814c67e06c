"""Layers: one family per file."""

from lamina.layers.activation import GELU, SELU, Activation, Mish, SiLU, Softmax, Softplus, Swish
from lamina.layers.base import Call, Layer, Weight
from lamina.layers.composition import Lambda, Residual
from lamina.layers.dense import Dense
from lamina.layers.dropout import (
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    MCAlphaDropout,
    MCDropout,
)
from lamina.layers.embedding import Embedding
from lamina.layers.group_normalization import GroupNormalization
from lamina.layers.normalization import BatchNormalization, LayerNormalization, Normalization
from lamina.layers.rectifier import ELU, LeakyReLU, PReLU, ReLU, RReLU
from lamina.layers.reshape import Flatten, Input, InputLayer, Reshape
from lamina.layers.rms_normalization import RMSNormalization
from lamina.layers.swap_noise import SwapNoise

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "AlphaDropout",
    "BatchNormalization",
    "Call",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "Input",
    "InputLayer",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MCAlphaDropout",
    "MCDropout",
    "Mish",
    "Normalization",
    "PReLU",
    "RMSNormalization",
    "RReLU",
    "ReLU",
    "Reshape",
    "Residual",
    "SiLU",
    "Softmax",
    "Softplus",
    "SwapNoise",
    "Swish",
    "Weight",
]
