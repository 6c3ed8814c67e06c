"""What PyTorch's modules and lamina's layers have in common, in both directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

INSTALL = "pip install torch"
#: modules without settings, and the names of the same functions here
FUNCTIONS = {
    "Hardsigmoid": "hard_sigmoid",
    "Hardswish": "hard_silu",
    "LogSigmoid": "log_sigmoid",
    "Mish": "mish",
    "ReLU6": "relu6",
    "SELU": "selu",
    "SiLU": "silu",
    "Sigmoid": "sigmoid",
    "Softsign": "softsign",
    "Tanh": "tanh",
}
Refuse = Callable[[str], NoReturn]
