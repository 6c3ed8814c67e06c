"""Models of Keras 3 and back: the layers have the same names, parameters and order of weights."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import jax
import numpy as np

from lamina import constraints, initializers, layers, regularizers
from lamina.activations import ACTIVATIONS, get_activation
from lamina.errors import FileError, InvalidParameter
from lamina.layers import Layer
from lamina.models import Sequential
from lamina.recipe import Recipe
from lamina.reuse.weights.network import fill, imported, network_of, no_counterpart

INSTALL = (
    "pip install keras. It computes with a library of its choice: KERAS_BACKEND=jax in the environment takes the one "
    "that is here already."
)
#: classes of layers that both have under one name
COMMON = (
    *("Activation", "AlphaDropout", "BatchNormalization", "Dense", "Dropout", "ELU", "Embedding", "Flatten"),
    *("GaussianDropout", "GaussianNoise", "GroupNormalization", "LayerNormalization", "LeakyReLU", "Normalization"),
    *("PReLU", "RMSNormalization", "ReLU", "Rescaling", "Reshape", "Softmax"),
)
#: activations that are layers here and names there
NAMED = {"GELU": "gelu", "Mish": "mish", "SELU": "selu", "SiLU": "silu", "Softplus": "softplus"}
#: rooms of what a layer holds beside numbers, by the end of the parameter's name
ROOMS = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}
#: parameters of Keras' layers that change neither outputs nor training
SILENT = ("name", "trainable", "dtype", "seed", "renorm_momentum")
#: values of other parameters that ask for nothing that lamina has not
ORDINARY = (None, False, "channels_last")


def from_keras(model: Any) -> Sequential:
    """The lamina model of a Keras 3 model: same layers, names, weights, frozen layers and predictions.

    Penalties and constraints come along; an initializer that lamina has not is replaced by the layer's default, which
    concerns newly drawn weights alone. The model is not compiled. It needs ``pip install keras``.

    Parameters
    ----------
    model : keras.Sequential, functional keras.Model, str or path-like
        The model, or a ``.keras`` file. A functional model must be a chain of layers; models within it are chains too
        and give their layers. A file is loaded in Keras' safe mode, which runs no code from it, and without what it
        says about training.

    Returns
    -------
    Sequential
        Its weights are copies. They are float64 if any of Keras' are; its dtype is "bfloat16" under the policy
        "mixed_bfloat16".

    Raises
    ------
    InvalidParameter
        For a layer, or a setting of one, that lamina does not have: the error names it, its position, and the layers
        that can be taken; and for what is no chain of layers.
    FileError
        If there is no such file, or Keras cannot read it.
    ImportError
        If Keras is not installed.

    Examples
    --------
    >>> import os
    >>> os.environ["KERAS_BACKEND"] = os.environ.get("KERAS_BACKEND", "jax")
    >>> import keras
    >>> trained = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)])
    >>> model = from_keras(trained)
    >>> [layer.name for layer in model.layers] == [layer.name for layer in trained.layers], model.count_params()
    (True, 49)
    """
    keras = imported("keras", "from_keras", INSTALL)
    source = _loaded(keras, model) if isinstance(model, str | os.PathLike) else model
    if not isinstance(source, keras.Model):
        raise InvalidParameter(
            "from_keras takes a keras.Sequential, a functional keras.Model or the path of a .keras file. Received "
            f"{type(source).__name__} of {type(source).__module__}."
        )
    if not source.built:
        raise InvalidParameter(
            f'from_keras: the model "{source.name}" has no weights yet. Build it first, for example with '
            "model.build((None, n_features))."
        )
    return _model_of(keras, source)


def to_keras(model_or_estimator: Any) -> Any:
    """The Keras 3 model of a lamina network: same layers, names, weights, frozen layers and predictions.

    Of an estimator it is the network with the activation of its output: probabilities, a single one for two classes.
    Penalties and constraints of layers come along, learning-rate multipliers do not. It needs ``pip install keras``.

    Parameters
    ----------
    model_or_estimator : Sequential, MLPClassifier or MLPRegressor
        Built or fitted. Preprocessing is no part of a network.

    Returns
    -------
    keras.Sequential
        Not compiled. An activation that is a layer, such as ``Dense(8, activation=LeakyReLU(0.1))``, is the next layer
        there. float64 stays float64, but for Keras on JAX without ``jax_enable_x64``, which has only float32;
        "bfloat16" becomes the policy "mixed_bfloat16".

    Raises
    ------
    InvalidParameter
        For a layer, or a setting of one, that Keras does not have, such as a schedule of the dropout rate: the error
        names it and its position; and for an ensemble.
    ImportError
        If Keras is not installed.

    Examples
    --------
    >>> import os
    >>> os.environ["KERAS_BACKEND"] = os.environ.get("KERAS_BACKEND", "jax")
    >>> from lamina import Sequential, layers
    >>> model = Sequential([layers.Dense(8, "relu", input_shape=(4,)), layers.Dense(1)])
    >>> to_keras(model).count_params()
    49
    """
    keras = imported("keras", "to_keras", INSTALL)
    model = network_of(model_or_estimator, "to_keras")
    names = [name for name, _ in model.named_layers]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidParameter(f'to_keras: layer "{twice}" stands in several places, which keras.Sequential forbids.')
    dtype = _keras_dtype(keras, model.dtype)
    rows = "float64" if dtype == "float64" else "float32"
    made = keras.Sequential([keras.Input(model.input_shape, dtype=rows)], name=model.name)
    for position, (name, layer) in enumerate(model.named_layers):
        for added in _theirs(keras, position, name, layer, dtype):
            made.add(added)
        if not isinstance(layer, layers.Normalization):
            made.get_layer(name).set_weights([np.array(array) for array in layer.get_weights()])
    return made


# --- from Keras -------------------------------------------------------------------------------------------------------


def _loaded(keras: ModuleType, path: str | os.PathLike[str]) -> Any:
    """The model of a file, without its training."""
    path = Path(path)
    if path.suffix != ".keras":
        raise FileError(f"from_keras reads files with the ending .keras. Received {path}; save it so with Keras.")
    if not path.is_file():
        raise FileError(f"There is no file {path}. Check the path.")
    if not zipfile.is_zipfile(path):
        raise FileError(f"{path} is truncated or no file of Keras'. Save it again.")
    try:
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # whatever a damaged or foreign file leads to
        raise FileError(f"Keras cannot read {path} ({type(error).__name__}: {error}). Save it again.") from error


def _model_of(keras: ModuleType, source: Any) -> Sequential:
    """The lamina model with the layers of a chain."""
    chain = list(_chain(keras, source))
    batch, *row = source.inputs[0].shape
    if None in row:
        raise InvalidParameter(
            f"from_keras: the inputs have the shape {(batch, *row)}; all but the number of rows must be known. "
            "Give the model an Input of full shape."
        )
    dtype = _lamina_dtype(keras, chain)
    made: dict[int, Layer] = {}
    shape = tuple(row)
    for position, layer in enumerate(chain):
        if id(layer) not in made:
            made[id(layer)] = _ours(keras, position, layer)
        ours = made[id(layer)]
        shape = fill(ours, shape, None if isinstance(ours, layers.Normalization) else _weights(keras, layer), dtype)
    stack = [made[id(layer)] for layer in chain]
    stack[0].input_shape = tuple(row)
    return Sequential(stack, name=source.name, dtype=dtype)


def _chain(keras: ModuleType, model: Any) -> Iterator[Any]:
    """The layers in order, those of models within included; input layers, which compute nothing, are left out."""
    for layer in model.layers if isinstance(model, keras.Sequential) else _way_back(keras, model)[::-1]:
        if isinstance(layer, keras.Model):
            yield from _chain(keras, layer)
        else:
            yield layer


def _way_back(keras: ModuleType, model: Any) -> list[Any]:
    """The layers of a functional model, from its output to its input."""
    outputs = getattr(model, "outputs", None) or []
    if len(outputs) != 1 or len(model.inputs) != 1:
        raise InvalidParameter(
            f'from_keras: the model "{model.name}" has {len(getattr(model, "inputs", None) or [])} inputs and '
            f"{len(outputs)} outputs. It takes a keras.Sequential or a functional model with one of each."
        )
    tensor, found = outputs[0], []
    while tensor is not model.inputs[0]:
        layer, node, _ = tensor._keras_history
        before = layer._inbound_nodes[node].input_tensors
        if len(before) != 1 or not isinstance(layer, keras.Layer):
            what = "is an operation, not a layer" if len(before) == 1 else f"joins {len(before)} tensors"
            raise InvalidParameter(
                f'from_keras: "{layer.name}" ({type(layer).__name__}) {what}. A lamina model is a chain of layers, '
                "each taking the outputs of the one before."
            )
        found.append(layer)
        tensor = before[0]
    return found


def _weights(keras: ModuleType, layer: Any) -> list[np.ndarray]:
    """The arrays of a layer, in the order that both have."""
    return [keras.ops.convert_to_numpy(weight.value) for weight in layer.weights]


def _lamina_dtype(keras: ModuleType, chain: list[Any]) -> str:
    """The dtype of the model whose layers these are."""
    if any(array.dtype == np.float64 for layer in chain for array in _weights(keras, layer)):
        return "float64"
    mixed = any(layer.dtype_policy.name == "mixed_bfloat16" for layer in chain)
    return "bfloat16" if mixed else "float32"


def _ours(keras: ModuleType, position: int, layer: Any) -> Layer:
    """The lamina layer of one of Keras', without weights."""
    kind = type(layer).__name__

    def refuse(why: str) -> NoReturn:
        raise no_counterpart("from_keras", position, f'the {kind} "{layer.name}"', why, COMMON)

    if kind not in COMMON or type(layer) is not getattr(keras.layers, kind):
        refuse("has no counterpart in lamina")
    config = layer.get_config()
    if kind == "Normalization":
        config |= _statistics(keras, layer)
    made = _configured(getattr(layers, kind), config, refuse)
    made.name, made.trainable = layer.name, layer.trainable
    return made


def _configured(cls: type[Layer], config: dict[str, Any], refuse: Any) -> Any:
    """A layer of a class with the settings that Keras names as lamina does."""
    known, settings = cls.parameters(), {}
    for name, value in config.items():
        if name in known:
            settings[name] = _revived(name, value, refuse)
        elif name not in SILENT and not any(value is ordinary or value == ordinary for ordinary in ORDINARY):
            refuse(f"has {name}={value!r}, which lamina's {cls.__name__} has not")
    unknown = [name for name, value in settings.items() if name.endswith("initializer") and value is None]
    return cls(**{name: value for name, value in settings.items() if name not in unknown})


def _revived(name: str, value: Any, refuse: Any) -> Any:
    """The value of a setting; an initializer that lamina has not is None."""
    if name == "axis" and isinstance(value, list | tuple) and len(value) == 1:  # some of Keras' layers write one as [1]
        return value[0]
    if name == "activation" and not (isinstance(value, str) and value in ACTIVATIONS):
        kind: Any = value.get("class_name") if isinstance(value, dict) else value
        if kind not in COMMON:
            refuse(f'has the activation "{value["config"] if kind == "function" else kind}", which lamina has not')
        return _configured(getattr(layers, kind), value["config"], refuse)
    if not isinstance(value, dict):
        return value
    part = name.rpartition("_")[2]
    cls = getattr(ROOMS.get(part), value["class_name"], None)
    if isinstance(cls, type) and issubclass(cls, Recipe):
        return cls.from_config({key: item for key, item in value["config"].items() if key in cls.parameters()})
    return None if part == "initializer" else refuse(f"has a {name} {value['class_name']}, which lamina has not")


def _statistics(keras: ModuleType, layer: Any) -> dict[str, np.ndarray]:
    """Mean and variance of a Normalization, with an axis for each axis of the features."""
    found = {}
    for name in ("mean", "variance"):
        value = keras.ops.convert_to_numpy(getattr(layer, name))
        kept = () if layer.axis is None else sorted({axis % value.ndim for axis in layer.axis})
        found[name] = value.reshape([value.shape[axis] for axis in kept])
    return found


# --- to Keras ---------------------------------------------------------------------------------------------------------


def _keras_dtype(keras: ModuleType, dtype: str) -> str:
    """The policy of Keras' layers."""
    if dtype == "float64" and keras.backend.backend() == "jax":
        return str(jax.dtypes.canonicalize_dtype(dtype))
    return {"bfloat16": "mixed_bfloat16"}.get(dtype, dtype)


def _theirs(keras: ModuleType, position: int, name: str, layer: Layer, dtype: str) -> Iterator[Any]:
    """Keras' layer of one of lamina's, without weights; and one more for an activation that is a layer."""
    kind = type(layer).__name__

    def refuse(why: str) -> NoReturn:
        raise no_counterpart("to_keras", position, f'"{name}", {layer!r}', why, (*COMMON, *NAMED))

    if type(layer) is not getattr(layers, kind, None) or kind not in (*COMMON, *NAMED):
        refuse("has no counterpart in Keras")
    common = {"name": name, "trainable": layer.trainable, "dtype": dtype}
    if kind in NAMED:
        if getattr(layer, "approximate", False):
            refuse("is an approximation that Keras has no name for")
        yield keras.layers.Activation(NAMED[kind], **common)
        return
    config = layer.get_config()
    del config["learning_rate_multiplier"]
    drawn = {key: value for key, value in config.items() if key.endswith("initializer")}
    config |= {key: initializers.get(value, config.get("activation")) for key, value in drawn.items()}
    own = config.get("activation") if isinstance(config.get("activation"), Layer) else None
    if own is not None:
        config["activation"] = None
    settings = {key: _told(keras, key, value, refuse) for key, value in config.items()}
    unknown = [key for key, value in settings.items() if key.endswith("initializer") and value is None]
    yield getattr(keras.layers, kind)(**{k: v for k, v in settings.items() if k not in unknown}, **common)
    if own is not None:
        yield from _theirs(keras, position, f"{name}_activation", own, dtype)


def _told(keras: ModuleType, name: str, value: Any, refuse: Any) -> Any:
    """The value of a setting as Keras takes it; an initializer that it has not is None."""
    if name == "activation":
        return _activation_name(keras, value, refuse)
    part = name.rpartition("_")[2]
    if isinstance(value, Recipe) and part in ROOMS:
        cls = getattr(getattr(keras, f"{part}s"), type(value).__name__, None)
        if cls is None or getattr(ROOMS[part], type(value).__name__, None) is not type(value):
            return None if part == "initializer" else refuse(f"has a {name} that Keras has not")
        return cls(**{key: _told(keras, key, item, refuse) for key, item in value.get_config().items()})
    if callable(value):
        refuse(f"has a function as {name}, where Keras takes a number")
    return value


def _activation_name(keras: ModuleType, activation: Any, refuse: Any) -> str:
    """Keras' name of a function."""
    function = get_activation(activation)
    names = (name for name in ACTIVATIONS if ACTIVATIONS[name] is function and hasattr(keras.activations, name))
    return next(names, None) or refuse("has an activation that Keras has no name for")
