"""Stacks of PyTorch modules and back: kernels lie transposed there, and momenta count the other share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from lamina import layers
from lamina.activations import ACTIVATIONS, get_activation
from lamina.checks import Is, Kind, check_value
from lamina.engine.precision import weight_dtype
from lamina.errors import InvalidParameter
from lamina.layers import Layer
from lamina.layers.base import Shape
from lamina.models import Sequential
from lamina.reuse.weights.network import fill, imported, network_of, no_counterpart

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
#: the attribute of a module that says what its inputs have along their last axes
SIZES = {"Linear": "in_features", "BatchNorm1d": "num_features", "GroupNorm": "num_channels"} | dict.fromkeys(
    ("LayerNorm", "RMSNorm"), "normalized_shape"
)
#: modules before which rows have another shape than after them
RESHAPING = ("Flatten", "Unflatten")
#: modules that compute an activation, with their settings, by its name here
ACTIVATION_MODULES: dict[str, tuple[Any, ...]] = {name: (kind,) for kind, name in FUNCTIONS.items()} | {
    "celu": ("CELU",),
    "elu": ("ELU",),
    "gelu": ("GELU",),
    "hard_tanh": ("Hardtanh",),
    "leaky_relu": ("LeakyReLU", 0.2),
    "log_softmax": ("LogSoftmax", -1),
    "relu": ("ReLU",),
    "softmax": ("Softmax", -1),
    "softplus": ("Softplus",),
}
Refuse = Callable[[str], NoReturn]
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


def to_torch(model_or_estimator: Any) -> Any:
    """The stack of PyTorch modules of a lamina network: same layers, weights, frozen layers and predictions.

    Of an estimator it is the network with the activation of its output: probabilities, a single one for two classes.
    Initializers, penalties, constraints and learning-rate multipliers, which concern training alone, stay behind. It
    needs ``pip install torch``.

    Parameters
    ----------
    model_or_estimator : Sequential, MLPClassifier or MLPRegressor
        Built or fitted. Preprocessing is no part of a network.

    Returns
    -------
    torch.nn.Sequential
        In evaluation mode, float64 where the network is and else float32. The parameters of frozen layers, and those
        that a normalisation has there but not here, have ``requires_grad=False``.

    Raises
    ------
    InvalidParameter
        For a layer, or a setting of one, that PyTorch does not have: the error names it and its position; and for an
        ensemble.
    ImportError
        If PyTorch is not installed.

    Examples
    --------
    >>> from importlib.util import find_spec
    >>> from lamina import Sequential, layers
    >>> model = Sequential([layers.Dense(8, "relu", input_shape=(4,)), layers.Dense(1)])
    >>> if find_spec("torch"):
    ...     module = to_torch(model)
    ...     assert module[0].weight.shape == (8, 4)
    """
    torch = imported("torch", "to_torch", INSTALL)
    model = network_of(model_or_estimator, "to_torch")
    dtype = getattr(torch, weight_dtype(model.dtype))
    made: dict[int, list[Any]] = {}
    for position, (name, layer) in enumerate(model.named_layers):
        if id(layer) not in made:
            made[id(layer)] = [module.to(dtype) for module in _theirs(torch, position, name, layer)]
    stack = [module for layer in model.layers for module in made[id(layer)]]
    return torch.nn.Sequential(*stack).eval()


# --- from PyTorch -----------------------------------------------------------------------------------------------------


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


# --- to PyTorch -------------------------------------------------------------------------------------------------------


def _theirs(torch: ModuleType, position: int, name: str, layer: Layer) -> list[Any]:
    """The modules of a layer, with its weights: one, or two for a dense layer with an activation."""

    def refuse(why: str) -> NoReturn:
        raise no_counterpart("to_torch", position, f'"{name}", {layer!r}', why, TO)

    return _found(layer, refuse)(torch, layer, refuse)


def _found(layer: Layer, refuse: Refuse) -> Callable[[ModuleType, Any, Refuse], list[Any]]:
    """How a layer becomes modules."""
    kind = type(layer).__name__
    if type(layer) is not getattr(layers, kind, None) or kind not in TO:
        refuse(f"needs {kind}, which PyTorch has not")
    return TO[kind]


def _to_dense(torch: ModuleType, layer: Any, refuse: Refuse) -> list[Any]:
    weights = _weights(layer)
    linear = torch.nn.Linear(*weights["kernel"].shape, bias=layer.use_bias)
    filled = _filled(torch, linear, layer, weight=weights["kernel"].T, bias=weights.get("bias"))
    return [filled, *_to_activation(torch, layer, refuse)]


def _to_activation(torch: ModuleType, layer: Any, refuse: Refuse) -> list[Any]:
    """The module of a layer's activation; none for the identity."""
    activation = layer.activation
    if isinstance(activation, Layer):
        return _found(activation, refuse)(torch, activation, refuse)
    function = get_activation(activation)
    if function is ACTIVATIONS["identity"]:
        return []
    for name, (kind, *settings) in ACTIVATION_MODULES.items():
        if ACTIVATIONS[name] is function:
            return [getattr(torch.nn, kind)(*settings)]
    return refuse("has an activation that PyTorch has no module for")


def _to_relu(torch: ModuleType, layer: Any, refuse: Refuse) -> list[Any]:
    if layer.threshold or layer.max_value not in (None, 6) or (layer.max_value and layer.negative_slope):
        refuse("has a threshold or a largest value that PyTorch's have not")
    if layer.max_value:
        return [torch.nn.ReLU6()]
    return [torch.nn.LeakyReLU(layer.negative_slope) if layer.negative_slope else torch.nn.ReLU()]


def _to_prelu(torch: ModuleType, layer: Any, refuse: Refuse) -> list[Any]:
    alpha = _weights(layer)["alpha"]
    if alpha.size not in (1, alpha.shape[0]):
        refuse("has slopes along other axes than the first of a row")
    return [_filled(torch, torch.nn.PReLU(alpha.size), layer, weight=alpha.ravel())]


def _to_batch_norm(torch: ModuleType, layer: Any, refuse: Refuse) -> list[Any]:
    weights = _weights(layer)
    size = _size_of_first_axis(layer, refuse)
    module = torch.nn.BatchNorm1d(size, layer.epsilon, 1 - layer.momentum, affine=layer.center or layer.scale)
    running = {"running_mean": weights["moving_mean"], "running_var": weights["moving_variance"]}
    return [_filled(torch, module, layer, weight=weights.get("gamma"), bias=weights.get("beta"), **running)]


def _to_layer_norm(torch: ModuleType, layer: Any, refuse: Refuse) -> list[Any]:
    weights, axes = _weights(layer), _axes(layer)
    first = len(layer.built_for) + 1 - len(axes)
    if axes != list(range(first, len(layer.built_for) + 1)):
        refuse("normalises other axes than the last ones")
    shape = layer.built_for[first - 1 :]
    module = torch.nn.LayerNorm(shape, layer.epsilon, elementwise_affine=layer.center or layer.scale, bias=layer.center)
    return [_filled(torch, module, layer, weight=weights.get("gamma"), bias=weights.get("beta"))]


def _to_group_norm(torch: ModuleType, layer: Any, refuse: Refuse) -> list[Any]:
    weights, size = _weights(layer), _size_of_first_axis(layer, refuse)
    groups = size if layer.groups == -1 else layer.groups
    module = torch.nn.GroupNorm(groups, size, layer.epsilon, affine=layer.center or layer.scale)
    return [_filled(torch, module, layer, weight=weights.get("gamma"), bias=weights.get("beta"))]


def _to_rms_norm(torch: ModuleType, layer: Any, refuse: Refuse) -> list[Any]:
    if _axes(layer) != [len(layer.built_for)]:
        refuse("normalises another axis than the last")
    scale = _weights(layer)["scale"]
    return [_filled(torch, torch.nn.RMSNorm(scale.size, layer.epsilon), layer, weight=scale)]


def _to_dropout(torch: ModuleType, layer: Any, refuse: Refuse) -> list[Any]:
    if callable(layer.rate):
        refuse("has a schedule as rate, where PyTorch takes a number")
    return [getattr(torch.nn, type(layer).__name__)(layer.rate)]


TO: dict[str, Callable[[ModuleType, Any, Refuse], list[Any]]] = {
    "Activation": _to_activation,
    "AlphaDropout": _to_dropout,
    "BatchNormalization": _to_batch_norm,
    "Dense": _to_dense,
    "Dropout": _to_dropout,
    "ELU": lambda torch, layer, refuse: [torch.nn.ELU(layer.alpha)],
    "Flatten": lambda torch, layer, refuse: [torch.nn.Flatten()],
    "GELU": lambda torch, layer, refuse: [torch.nn.GELU("tanh" if layer.approximate else "none")],
    "GroupNormalization": _to_group_norm,
    "LayerNormalization": _to_layer_norm,
    "LeakyReLU": lambda torch, layer, refuse: [torch.nn.LeakyReLU(layer.negative_slope)],
    "Mish": lambda torch, layer, refuse: [torch.nn.Mish()],
    "PReLU": _to_prelu,
    "RMSNormalization": _to_rms_norm,
    "RReLU": lambda torch, layer, refuse: [torch.nn.RReLU(layer.lower, layer.upper)],
    "ReLU": _to_relu,
    "Reshape": lambda torch, layer, refuse: [torch.nn.Flatten(), torch.nn.Unflatten(1, layer.output_shape)],
    "SELU": lambda torch, layer, refuse: [torch.nn.SELU()],
    "SiLU": lambda torch, layer, refuse: [torch.nn.SiLU()],
    "Softmax": lambda torch, layer, refuse: [torch.nn.Softmax(layer.axis)],
    "Softplus": lambda torch, layer, refuse: [torch.nn.Softplus()],
}


def _weights(layer: Layer) -> dict[str, np.ndarray]:
    """The arrays of a layer by their names."""
    return {weight.name.rpartition("/")[2]: weight.value for weight in layer.weights}


def _filled(torch: ModuleType, module: Any, layer: Layer, **arrays: np.ndarray | None) -> Any:
    """The module with copies of the arrays; a parameter that there is no array for keeps its neutral value."""
    module.requires_grad_(False)
    for name, array in arrays.items():
        if array is not None:
            tensor = getattr(module, name)
            tensor.data = torch.tensor(array)
            tensor.requires_grad_(layer.trainable and isinstance(tensor, torch.nn.Parameter))
    return module


def _axes(layer: Any) -> list[int]:
    """The axes of a normalising layer, counted from 0 for the rows."""
    given = (layer.axis,) if isinstance(layer.axis, int) else layer.axis
    return sorted({axis % (len(layer.built_for) + 1) for axis in given})


def _size_of_first_axis(layer: Any, refuse: Refuse) -> int:
    """The number of features, if they lie where PyTorch has them."""
    if _axes(layer) != [1]:
        refuse("has its features on another axis than the first of a row, where PyTorch has them")
    return layer.built_for[0]
