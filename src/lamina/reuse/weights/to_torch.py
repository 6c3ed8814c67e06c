"""Lamina networks as stacks of PyTorch modules."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from lamina import layers
from lamina.activations import ACTIVATIONS, get_activation
from lamina.engine.precision import weight_dtype
from lamina.layers import Layer
from lamina.reuse.weights.network import imported, network_of, no_counterpart
from lamina.reuse.weights.torch import FUNCTIONS, INSTALL, Refuse

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
