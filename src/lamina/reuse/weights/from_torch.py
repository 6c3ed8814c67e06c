"""Stacks of PyTorch modules as lamina models: kernels lie transposed there, and momenta count the other share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from lamina import layers
from lamina.checks import Is, Kind, check_value
from lamina.errors import InvalidParameter
from lamina.layers import Layer
from lamina.layers.base import Shape
from lamina.models import Sequential
from lamina.reuse.weights.network import fill, imported, no_counterpart
from lamina.reuse.weights.torch import FUNCTIONS, INSTALL, Refuse

#: the attribute of a module that says what its inputs have along their last axes
SIZES = {"Linear": "in_features", "BatchNorm1d": "num_features", "GroupNorm": "num_channels"} | dict.fromkeys(
    ("LayerNorm", "RMSNorm"), "normalized_shape"
)
#: modules before which rows have another shape than after them
RESHAPING = ("Flatten", "Unflatten")
#: a layer, and tensors for its weights in their order
Taken = tuple[Layer, list[Any]]


def from_torch(module: Any, input_shape: Shape | None = None) -> Sequential:
    """The lamina model of a stack of PyTorch modules: same layers, weights, frozen layers and predictions.

    The module is only read: its mode and its parameters stay as they are. Predictions are those of its evaluation
    mode. It needs ``pip install torch``.

    Parameters
    ----------
    module : torch.nn.Sequential
        Of Linear, BatchNorm1d, LayerNorm, GroupNorm, RMSNorm, Dropout, AlphaDropout, Flatten, Unflatten, Identity and
        activations; Sequentials within it give their modules.
    input_shape : tuple of int, optional
        The shape of a row; by default what the first module with weights takes. Needed where a Flatten comes first.

    Returns
    -------
    Sequential
        Not compiled; float64 if any parameter is, else float32. The weights are copies. A layer whose parameters have
        ``requires_grad=False`` is frozen. The share of moving averages that stays at each step of training is
        ``1 - momentum`` of BatchNorm1d, which alone corrects the variance that it averages by n / (n - 1).

    Raises
    ------
    InvalidParameter
        For a module, or a setting of one, that lamina does not have: the error names it, its position, and the modules
        that can be taken. And for a file, because loading it may run code from it.
    ImportError
        If PyTorch is not installed.

    Examples
    --------
    >>> from importlib.util import find_spec
    >>> if find_spec("torch"):
    ...     from torch import nn
    ...
    ...     model = from_torch(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)))
    ...     assert model.count_params() == 49
    >>> from_torch("model.pt")
    Traceback (most recent call last):
        ...
    lamina.errors.InvalidParameter: from_torch takes a torch.nn.Sequential, not a file, ...
    """
    if isinstance(module, str | os.PathLike):
        raise InvalidParameter(
            "from_torch takes a torch.nn.Sequential, not a file, because loading one can run code from it. Build the "
            "module, then module.load_state_dict(torch.load(path, weights_only=True))."
        )
    check_value("from_torch", "input_shape", input_shape, Kind((tuple, list), "the sizes of a row"), Is(None))
    torch = imported("torch", "from_torch", INSTALL)
    if type(module) is not torch.nn.Sequential:
        raise InvalidParameter(
            f"from_torch takes a torch.nn.Sequential. Received {type(module).__name__} of {type(module).__module__}; "
            "put its modules into one, in the order in which forward calls them: nn.Sequential(net.hidden, nn.ReLU())."
        )
    placed = [(place, each) for place, each in enumerate(_flat(torch, module)) if type(each) is not torch.nn.Identity]
    stack = [_known(torch, place, each) for place, each in placed]
    row = _row(stack) if input_shape is None else tuple(input_shape)
    dtype = "float64" if any(p.dtype == torch.float64 for p in module.parameters()) else "float32"
    made: dict[int, Layer] = {}
    shape = row
    for position, each in placed:
        layer, weights = _ours(position, each, shape)
        layer = made.setdefault(id(each), layer)
        shape = fill(layer, shape, [_array(tensor) for tensor in weights], dtype)
    made[id(stack[0])].input_shape = row
    return Sequential([made[id(each)] for each in stack], dtype=dtype)


def _flat(torch: ModuleType, module: Any) -> Iterator[Any]:
    """The modules in order, those of Sequentials within included."""
    for child in module:
        if type(child) is torch.nn.Sequential:
            yield from _flat(torch, child)
        else:
            yield child


def _row(stack: list[Any]) -> Shape:
    """The shape of a row that the first module with weights takes."""
    for module in stack:
        kind = type(module).__name__
        if kind in SIZES:
            return tuple(np.atleast_1d(getattr(module, SIZES[kind])).tolist())
        if kind in RESHAPING:
            break
    raise InvalidParameter(
        "from_torch cannot tell the shape of a row, because no module with weights comes before those that change it. "
        "Give it, for example: from_torch(module, input_shape=(28, 28))."
    )


def _array(tensor: Any) -> np.ndarray:
    """The numbers of a tensor of any precision, on any device."""
    tensor = tensor.detach().cpu()
    return (tensor if tensor.element_size() == 8 else tensor.float()).numpy()


def _known(torch: ModuleType, position: int, module: Any) -> Any:
    """The module, if lamina has a layer like it."""
    kind = type(module).__name__
    if type(module) is not getattr(torch.nn, kind, None) or kind not in (*FUNCTIONS, *FROM):
        _refused(position, module, "has no counterpart in lamina")
    return module


def _refused(position: int, module: Any, why: str) -> NoReturn:
    raise no_counterpart("from_torch", position, f"{module}", why, (*FUNCTIONS, *FROM, "Identity"))


def _ours(position: int, module: Any, row: Shape) -> Taken:
    """The lamina layer of a module, for rows of a shape."""
    kind, refuse = type(module).__name__, functools.partial(_refused, position, module)
    if kind in FUNCTIONS:
        return layers.Activation(FUNCTIONS[kind]), []
    layer, weights = FROM[kind](module, row, refuse)
    flags = {parameter.requires_grad for parameter in module.parameters()}
    if len(flags) == 2:
        refuse("is frozen in part; a lamina layer is frozen as a whole. Set requires_grad of its parameters alike")
    layer.trainable = False not in flags
    return layer, weights


def _from_linear(module: Any, row: Shape, refuse: Refuse) -> Taken:
    return layers.Dense(module.out_features, use_bias=module.bias is not None), _present(module.weight.T, module.bias)


def _from_batch_norm(module: Any, row: Shape, refuse: Refuse) -> Taken:
    if module.running_mean is None:
        refuse("has no running statistics: it normalises by the batch in evaluation too")
    if module.momentum is None:
        refuse("weighs all batches alike; lamina's moving averages need a momentum. Set module.momentum = 0.1")
    layer = layers.BatchNormalization(
        _features(row), 1 - module.momentum, module.eps, center=module.affine, scale=module.affine
    )
    return layer, _present(module.weight, module.bias, module.running_mean, module.running_var)


def _from_layer_norm(module: Any, row: Shape, refuse: Refuse) -> Taken:
    axes = list(range(-len(module.normalized_shape), 0))
    center, scale = module.bias is not None, module.weight is not None
    layer = layers.LayerNormalization(axes if len(axes) > 1 else -1, module.eps, center=center, scale=scale)
    return layer, _present(module.weight, module.bias)


def _from_group_norm(module: Any, row: Shape, refuse: Refuse) -> Taken:
    layer = layers.GroupNormalization(
        module.num_groups, _features(row), module.eps, center=module.affine, scale=module.affine
    )
    return layer, _present(module.weight, module.bias)


def _from_rms_norm(module: Any, row: Shape, refuse: Refuse) -> Taken:
    if len(module.normalized_shape) > 1 or module.weight is None:
        refuse("has several axes or no weight, and lamina's RMSNormalization has one of each")
    epsilon = np.finfo(_array(module.weight).dtype).eps if module.eps is None else module.eps
    return layers.RMSNormalization(epsilon=float(epsilon)), [module.weight]


def _from_prelu(module: Any, row: Shape, refuse: Refuse) -> Taken:
    if module.num_parameters == 1:
        return layers.PReLU(shared_axes=list(range(1, len(row) + 1))), [module.weight.reshape([1] * len(row))]
    others = list(range(2, len(row) + 1))
    return layers.PReLU(shared_axes=others or None), [module.weight.reshape(-1, *[1] * len(others))]


def _from_softmax(module: Any, row: Shape, refuse: Refuse) -> Taken:
    axis = 1 if module.dim is None and len(row) == 1 else module.dim
    if axis in (None, 0):
        refuse("sums over rows, not within them. Give it dim=-1")
    return layers.Softmax(axis), []


def _from_log_softmax(module: Any, row: Shape, refuse: Refuse) -> Taken:
    if module.dim not in (-1, len(row)):
        refuse("sums over another axis than the last. Give it dim=-1")
    return layers.Activation("log_softmax"), []


def _from_gelu(module: Any, row: Shape, refuse: Refuse) -> Taken:
    return layers.GELU(approximate=module.approximate == "tanh"), []


def _from_flatten(module: Any, row: Shape, refuse: Refuse) -> Taken:
    if (module.start_dim, module.end_dim) not in ((1, -1), (1, len(row))):
        refuse("keeps other axes than that of the rows")
    return layers.Flatten(), []


def _from_unflatten(module: Any, row: Shape, refuse: Refuse) -> Taken:
    if module.dim not in (1, -1) or len(row) != 1:
        refuse("splits one of several axes, and lamina's Reshape takes whole rows")
    return layers.Reshape(tuple(module.unflattened_size)), []


def _fixed(kind: str, **settings: Any) -> Callable[[Any, Shape, Refuse], Taken]:
    """What takes a module as an activation of that name, if it has the only settings that lamina knows."""

    def take(module: Any, row: Shape, refuse: Refuse) -> Taken:
        for name, value in settings.items():
            if getattr(module, name) != value:
                refuse(f"has {name}={getattr(module, name)}, and lamina's {kind} has {value}")
        return layers.Activation(kind), []

    return take


FROM: dict[str, Callable[[Any, Shape, Refuse], Taken]] = {
    "AlphaDropout": lambda module, row, refuse: (layers.AlphaDropout(module.p), []),
    "BatchNorm1d": _from_batch_norm,
    "CELU": _fixed("celu", alpha=1.0),
    "Dropout": lambda module, row, refuse: (layers.Dropout(module.p), []),
    "ELU": lambda module, row, refuse: (layers.ELU(module.alpha), []),
    "Flatten": _from_flatten,
    "GELU": _from_gelu,
    "GroupNorm": _from_group_norm,
    "Hardtanh": _fixed("hard_tanh", min_val=-1.0, max_val=1.0),
    "LayerNorm": _from_layer_norm,
    "LeakyReLU": lambda module, row, refuse: (layers.LeakyReLU(module.negative_slope), []),
    "Linear": _from_linear,
    "LogSoftmax": _from_log_softmax,
    "PReLU": _from_prelu,
    "RMSNorm": _from_rms_norm,
    "RReLU": lambda module, row, refuse: (layers.RReLU(module.lower, module.upper), []),
    "ReLU": lambda module, row, refuse: (layers.ReLU(), []),
    "Softmax": _from_softmax,
    "Softplus": _fixed("softplus", beta=1.0, threshold=20.0),
    "Unflatten": _from_unflatten,
}


def _present(*tensors: Any) -> list[Any]:
    """Those that are there."""
    return [tensor for tensor in tensors if tensor is not None]


def _features(row: Shape) -> int:
    """The axis of PyTorch's features: the first of a row."""
    return -1 if len(row) == 1 else 1
