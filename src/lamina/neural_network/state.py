"""An estimator as a plain tree (dicts, lists, numbers, strings, arrays) and back: what a model file holds."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from lamina.engine.history import History
from lamina.engine.run import fresh_optimizer_state
from lamina.errors import InvalidParameter
from lamina.models.files import describe, revive
from lamina.neural_network.pretraining import Pretraining
from lamina.recipe import Recipe

#: attributes that are rebuilt when needed
REBUILT = ("_device_weights",)


def to_tree(estimator) -> dict[str, Any]:
    """Parameters and fitted attributes; raises for a parameter that a file without code cannot hold."""
    params = {name: plain(name, value) for name, value in estimator.get_params(deep=False).items()}
    fitted = {k: v for k, v in vars(estimator).items() if k not in params and k not in REBUILT}
    if "history_" in fitted:
        history = fitted["history_"]
        fitted["history_"] = {"columns": dict(history), "stop_reason": history.stop_reason}
    if "estimators_" in fitted:
        fitted["estimators_"] = [to_tree(member) for member in fitted["estimators_"]]
    if "pretrainer_" in fitted:
        fitted["pretrainer_"] = _marked(fitted["pretrainer_"])
    if fitted.get("_optimizer_state") is not None:
        fitted["_optimizer_state"] = jax.tree.leaves(fitted["_optimizer_state"])
    return {"params": params, "fitted": fitted}


def from_tree(cls, tree: dict[str, Any]):
    """The estimator that `to_tree` described."""
    params = {name: unplain(value) for name, value in tree["params"].items()}
    fitted = dict(tree["fitted"])
    if "history_" in fitted:
        fitted["history_"] = History(**fitted["history_"])
    if "estimators_" in fitted:
        fitted["estimators_"] = [from_tree(cls, member) for member in fitted["estimators_"]]
    if "pretrainer_" in fitted:
        fitted["pretrainer_"] = unplain(fitted["pretrainer_"])
    leaves = fitted.pop("_optimizer_state", None)
    estimator = cls(**params)
    estimator.__setstate__({**estimator.__getstate__(), **fitted})
    if leaves is not None:
        optimizer = estimator._optimizer()
        like = fresh_optimizer_state(estimator._plan(optimizer=optimizer), estimator._weights()[0], optimizer)
        estimator._optimizer_state = jax.tree.unflatten(jax.tree.structure(like), leaves)
    return estimator


def plain(name: str, value: Any) -> Any:
    """A parameter as a tree; raises for one that a file without code cannot hold."""
    if isinstance(value, np.random.RandomState):
        return {"RandomState": list(value.get_state())}
    if isinstance(value, Pretraining):
        return _marked(value)
    several = isinstance(value, list | tuple) and value and all(isinstance(part, Recipe) for part in value)
    if isinstance(value, Recipe) or several:
        return {"recipe": describe(value)}
    if isinstance(value, dict):  # class weights: keys may be numbers
        return {"dict": [list(value.keys()), list(value.values())]}
    if callable(value) or (isinstance(value, list | tuple) and any(callable(v) for v in value)):
        raise InvalidParameter(
            f"{name}={value!r} is a function, and a model file holds no code. Use a named one, or pickle the "
            "estimator if every reader trusts you."
        )
    return value


def unplain(value: Any) -> Any:
    """The parameter that `plain` described."""
    if isinstance(value, dict) and "RandomState" in value:
        generator = np.random.RandomState()
        generator.set_state(tuple(value["RandomState"]))
        return generator
    if isinstance(value, dict) and "recipe" in value:
        return revive(value["recipe"], {})
    if isinstance(value, dict) and "estimator" in value:
        from lamina.persistence import estimator_from_tree

        return estimator_from_tree(value["estimator"])
    if isinstance(value, dict):
        return dict(zip(*value["dict"]))
    return value


def _marked(estimator) -> dict[str, Any]:
    """An estimator in another one, with the name of its class."""
    from lamina.persistence import estimator_to_tree

    return {"estimator": estimator_to_tree(estimator)}
