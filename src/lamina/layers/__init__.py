"""Layers: one family per file."""

from lamina.layers.activation import GELU, SELU, Activation, Mish, SiLU, Softmax, Softplus, Swish
from lamina.layers.activity import ActivityRegularization, KLActivityRegularization
from lamina.layers.base import Call, Layer, Weight
from lamina.layers.composition import Lambda, Residual
from lamina.layers.dense import Dense
from lamina.layers.dense_transpose import DenseTranspose
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
from lamina.layers.pair_difference import PairDifference
from lamina.layers.rectifier import ELU, LeakyReLU, PReLU, ReLU, RReLU
from lamina.layers.rescaling import Rescaling
from lamina.layers.reshape import Flatten, Input, InputLayer, Reshape
from lamina.layers.rms_normalization import RMSNormalization
from lamina.layers.swap_noise import SwapNoise

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "ActivityRegularization",
    "AlphaDropout",
    "BatchNormalization",
    "Call",
    "Dense",
    "DenseTranspose",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "Input",
    "InputLayer",
    "KLActivityRegularization",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MCAlphaDropout",
    "MCDropout",
    "Mish",
    "Normalization",
    "PReLU",
    "PairDifference",
    "RMSNormalization",
    "RReLU",
    "ReLU",
    "Rescaling",
    "Reshape",
    "Residual",
    "SiLU",
    "Softmax",
    "Softplus",
    "SwapNoise",
    "Swish",
    "Weight",
]
