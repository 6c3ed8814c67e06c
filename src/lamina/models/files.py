"""Models as plain trees and back: what a model file holds. A closed vocabulary of classes, and no code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from lamina import constraints, initializers, layers, losses, metrics, optimizers, regularizers
from lamina.errors import FileError, InvalidParameter
from lamina.optimizers import schedules
from lamina.recipe import Recipe
from lamina.storage import read_file, write_file

if TYPE_CHECKING:
    from lamina.models.stack import Stack
    from lamina.models.training import Training

#: where the classes of a file may come from; those of a user are named at loading
ROOMS = {
    "constraints": constraints,
    "initializers": initializers,
    "layers": layers,
    "losses": losses,
    "metrics": metrics,
    "optimizers": optimizers,
    "schedules": schedules,
}
ROOMS["regularizers"] = regularizers
CUSTOM = "custom"
Tree = dict[str, Any]


def write_model(model: Training, path: str | os.PathLike[str]) -> None:
    """Write a model file, whole or not at all."""
    write_file(path, "model", model_to_tree(model))


def read_model(path: str | os.PathLike[str], cls: type, custom_objects: Mapping[str, type], compiled: bool = True):
    """The model of a file."""
    kind, tree = read_file(path)
    if kind != "model":
        raise FileError(f'{path} holds a "{kind}", not a model. lamina.load reads estimators and their pipelines.')
    try:
        return tree_to_model(tree if compiled else {**tree, "compiled": None}, cls, custom_objects)
    except FileError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise FileError(f"{path} does not describe a model ({error}). Save the model again.") from error


def model_to_tree(model: Training) -> Tree:
    """Layers, weights, how the model was compiled, and what its optimizer remembers."""
    tree = layers_to_tree(model) | {"weights": model.get_weights() if model.built else None}
    if model.optimizer is not None:
        state = model.optimizer_state
        tree["compiled"] = {
            "optimizer": describe(model.optimizer),
            "loss": describe(model.loss),
            "metrics": describe(list(model.measures.plain)),
            "weighted_metrics": describe(list(model.measures.weighted)),
            "state": None if state is None else [np.asarray(leaf) for leaf in jax.tree.leaves(state)],
            "steps": model.steps_done,
        }
    return tree


def layers_to_tree(model: Stack) -> Tree:
    """The layers of a model without their weights."""
    return {
        "name": model.name,
        "dtype": model.dtype,
        "layers": [_layer_to_tree(layer) for layer in model.all_layers],
        "shared": _first_places(model.all_layers),
        "input_shape": model.input_shape,
    }


def tree_to_layers(tree: Tree, cls: type, custom_objects: Mapping[str, type]):
    """The model that `layers_to_tree` described, with fresh weights if the shape of its inputs was known."""
    stack = [_layer_from_tree(layer, custom_objects) for layer in tree["layers"]]
    model = cls([stack[first] for first in tree["shared"]], name=tree["name"], dtype=tree["dtype"])
    if tree["input_shape"] is not None:
        model.build((None, *tree["input_shape"]))
    return model


def tree_to_model(tree: Tree, cls: type, custom_objects: Mapping[str, type]):
    """The model that `model_to_tree` described."""
    model = tree_to_layers(tree, cls, custom_objects)
    if tree["weights"] is not None:
        model.set_weights(tree["weights"])
    compiled = tree.get("compiled")
    if compiled:
        told = ("optimizer", "loss", "metrics", "weighted_metrics")
        model.compile(**{name: revive(compiled[name], custom_objects) for name in told})
        model.resume(compiled["state"], compiled["steps"])
    return model


def _first_places(stack: list[layers.Layer]) -> list[int]:
    """Where each layer stands first: the same object, for two layers may be equal and have weights of their own."""
    first: dict[int, int] = {}
    return [first.setdefault(id(layer), place) for place, layer in enumerate(stack)]


def _layer_to_tree(layer: layers.Layer) -> Tree:
    return describe(layer) | {"name": layer.name, "trainable": layer.trainable}


def _layer_from_tree(tree: Tree, custom_objects: Mapping[str, type]) -> layers.Layer:
    layer = revive(tree, custom_objects)
    layer.name, layer.trainable = tree["name"], tree["trainable"]
    return layer


def describe(value: Any) -> Any:
    """A configured object as a tree of its class's name and its parameters; plain values as they are."""
    if isinstance(value, Recipe):
        name = type(value).__name__
        known = getattr(ROOMS.get(_room(value)), name, None) is type(value)
        config = {key: describe(part) for key, part in value.get_config().items()}
        return {"class": name, "room": _room(value) if known else CUSTOM, "config": config}
    if isinstance(value, list | tuple):
        return type(value)(describe(part) for part in value)
    if isinstance(value, dict):
        return {key: describe(part) for key, part in value.items()}
    if callable(value):
        raise InvalidParameter(
            f"{getattr(value, '__name__', value)!r} is a function, and a model file holds no code. Use a named one, or "
            "keep the weights alone with model.save_weights(path) and build the model anew before load_weights(path)."
        )
    return value


def _room(value: Recipe) -> str:
    """The room of a class: `schedules` lies inside `optimizers`."""
    parts = type(value).__module__.split(".")
    return next((part for part in reversed(parts) if part in ROOMS), CUSTOM)


def revive(tree: Any, custom_objects: Mapping[str, type]) -> Any:
    """The object that `describe` described."""
    if isinstance(tree, list | tuple):
        return type(tree)(revive(part, custom_objects) for part in tree)
    if not isinstance(tree, dict):
        return tree
    if "class" not in tree:
        return {key: revive(part, custom_objects) for key, part in tree.items()}
    name, room = tree["class"], tree["room"]
    if room == CUSTOM:
        if name not in custom_objects:
            raise FileError(
                f"The model uses {name}, a class of its author's. If you have and trust it, name it: "
                f"load_model(path, custom_objects={{{name!r}: {name}}})."
            )
        found: Any = custom_objects[name]
    else:
        found = getattr(ROOMS.get(room), name, None)
    if not (isinstance(found, type) and issubclass(found, Recipe)):
        raise FileError(f'The file names "{name}" of {room}, which this version does not have.')
    return found.from_config(revive(tree["config"], custom_objects))
