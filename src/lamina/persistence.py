"""Save fitted estimators as model files and load them: a closed vocabulary of classes, no code in the file."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from lamina.errors import FileError
from lamina.registry import Registry
from lamina.storage import read_file, write_file

MODEL_NAME = "model.lamina"
Tree = dict[str, Any]


class Savable(NamedTuple):
    """How a class becomes a tree and comes back."""

    place: str
    to_tree: Callable[[Any], Tree]
    from_tree: Callable[[Tree], Any]

    def resolve(self) -> type:
        """The class itself, imported when it is needed."""
        module, name = self.place.split(":")
        return getattr(import_module(module), name)


SAVABLE: Registry[Savable] = Registry("class in a model file")


def save(estimator: Any, path: str | os.PathLike[str], *, about: Tree | None = None) -> None:
    """Write a fitted estimator as a model file.

    Parameters
    ----------
    estimator : estimator
        A lamina estimator or encoder, a StandardScaler, a Pipeline or a TransformedTargetRegressor of these.
    path : str or path-like
        The file to write, by custom with the ending .lamina.
    about : dict, optional
        Plain facts to keep with it, such as the name of the target column; `load_with_facts` gives them back.

    Raises
    ------
    TypeError
        The estimator, or a part of it, can't be saved.
    """
    write_file(path, "estimator", {"estimator": estimator_to_tree(estimator), "about": about or {}})


def load(path: str | os.PathLike[str]) -> Any:
    """Load what `save` wrote.

    Parameters
    ----------
    path : str or path-like
        A model file, or a run folder with a model.lamina in it.

    Returns
    -------
    estimator
        As it was saved: fitted, with its parameters and attributes.

    Raises
    ------
    FileError
        The file is missing, truncated, foreign or written by a newer version.
    """
    return load_with_facts(path)[0]


def load_with_facts(path: str | os.PathLike[str]) -> tuple[Any, Tree]:
    """Load an estimator and the facts kept with it.

    Parameters
    ----------
    path : str or path-like
        A model file, or a run folder with a model.lamina in it.

    Returns
    -------
    tuple of estimator and dict
    """
    path = Path(path)
    if path.is_dir():
        path = path / MODEL_NAME
    kind, tree = read_file(path)
    if kind != "estimator":
        raise FileError(f'{path} holds a "{kind}". Expected an estimator that lamina.save wrote.')
    try:
        return estimator_from_tree(tree["estimator"]), dict(tree["about"])
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise FileError(f"{path} does not describe an estimator ({error}). Save the model again.") from error


def estimator_to_tree(estimator: Any) -> Tree:
    """The tree of one estimator, marked with its kind; raises for one that cannot be saved."""
    kind = type(estimator).__name__
    # The class must be the very one: a subclass may keep state that its parent's functions don't know.
    if kind in SAVABLE and type(estimator) is SAVABLE[kind].resolve():
        return {"kind": kind, "state": SAVABLE[kind].to_tree(estimator)}
    raise TypeError(
        f"Can't save a {type(estimator).__name__}. What can be saved: {', '.join(SAVABLE)}. "
        "Anything else can be kept with joblib, whose files run code when they are loaded."
    )


def estimator_from_tree(tree: Tree) -> Any:
    """The estimator of a marked tree."""
    return SAVABLE[tree["kind"]].from_tree(tree["state"])


# --- the classes ------------------------------------------------------------------------------------------------------


def _add_lamina_estimator(kind: str, room: str = "neural_network") -> None:
    """Enter an estimator that describes itself with `_get_state` and `_from_state`."""
    place = f"lamina.{room}:{kind}"

    def from_tree(tree: Tree) -> Any:
        return SAVABLE[kind].resolve()._from_state(tree)  # type: ignore[attr-defined]

    SAVABLE.add(kind, Savable(place, lambda estimator: estimator._get_state(), from_tree))


def _add_plain(kind: str, place: str, attributes: tuple[str, ...]) -> None:
    """Enter a class whose parameters and named attributes are plain values."""

    def to_tree(estimator: Any) -> Tree:
        state = {name: getattr(estimator, name) for name in attributes if hasattr(estimator, name)}
        return {"params": estimator.get_params(deep=False), "attributes": state}

    def from_tree(tree: Tree) -> Any:
        estimator = SAVABLE[kind].resolve()(**tree["params"])
        for name in attributes:
            if name in tree["attributes"]:
                setattr(estimator, name, tree["attributes"][name])
        return estimator

    SAVABLE.add(kind, Savable(place, to_tree, from_tree))


def _pipeline_to_tree(pipeline: Any) -> Tree:
    if pipeline.memory is not None:
        raise TypeError("Can't save a Pipeline with a memory. Set memory=None before saving.")
    steps = [
        (name, step if step is None or isinstance(step, str) else estimator_to_tree(step))
        for name, step in pipeline.steps
    ]
    return {"steps": steps, "verbose": pipeline.verbose, "transform_input": pipeline.transform_input}


def _pipeline_from_tree(tree: Tree) -> Any:
    from sklearn.pipeline import Pipeline

    steps = [(name, estimator_from_tree(step) if isinstance(step, dict) else step) for name, step in tree["steps"]]
    return Pipeline(steps, verbose=tree["verbose"], transform_input=tree["transform_input"])


def _target_to_tree(estimator: Any) -> Tree:
    """The fitted parts; the unfitted parameters are clones of them."""
    if estimator.func is not None or estimator.inverse_func is not None:
        raise TypeError("Can't save a TransformedTargetRegressor with func. Use a StandardScaler as transformer.")
    if not hasattr(estimator, "regressor_"):
        raise TypeError("Can't save a TransformedTargetRegressor that is not fitted. Call fit first.")
    return {
        "regressor": estimator_to_tree(estimator.regressor_),
        "transformer": estimator_to_tree(estimator.transformer_),
        "check_inverse": estimator.check_inverse,
        "training_dim": estimator._training_dim,
        "feature_names_in_": getattr(estimator, "feature_names_in_", None),
    }


def _target_from_tree(tree: Tree) -> Any:
    from sklearn.base import clone
    from sklearn.compose import TransformedTargetRegressor

    regressor, transformer = estimator_from_tree(tree["regressor"]), estimator_from_tree(tree["transformer"])
    estimator = TransformedTargetRegressor(
        regressor=clone(regressor), transformer=clone(transformer), check_inverse=tree["check_inverse"]
    )
    estimator.regressor_, estimator.transformer_, estimator._training_dim = regressor, transformer, tree["training_dim"]
    if tree["feature_names_in_"] is not None:
        estimator.feature_names_in_ = tree["feature_names_in_"]
    return estimator


def _fine_tuning_to_tree(estimator: Any) -> Tree:
    """What was trained, and what rows go through before; of the source, its path at most."""
    from lamina.neural_network.state import plain

    params = {name: plain(name, value) for name, value in estimator.get_params().items() if name != "source"}
    columns, target = estimator.columns_, estimator.target_transformer_
    return {
        "params": params | {"source": estimator.source if isinstance(estimator.source, str) else None},
        "network": estimator_to_tree(estimator.network_),
        "columns": vars(columns)
        | {"preprocessing": columns.preprocessing and estimator_to_tree(columns.preprocessing)},
        "target_transformer": target and estimator_to_tree(target),
        "fitted": {name: value for name, value in vars(estimator).items() if name in FINE_TUNED},
    }


def _add_fine_tuning(kind: str) -> None:
    """Enter an estimator that trains on top of a source."""

    def from_tree(tree: Tree) -> Any:
        from lamina.neural_network.state import unplain
        from lamina.reuse.columns import Columns

        estimator = SAVABLE[kind].resolve()(**{name: unplain(value) for name, value in tree["params"].items()})
        vars(estimator).update(tree["fitted"], network_=estimator_from_tree(tree["network"]))
        before, target = tree["columns"]["preprocessing"], tree["target_transformer"]
        estimator.columns_ = Columns(**tree["columns"] | {"preprocessing": before and estimator_from_tree(before)})
        estimator.target_transformer_ = target and estimator_from_tree(target)
        return estimator

    SAVABLE.add(kind, Savable(f"lamina.reuse:{kind}", _fine_tuning_to_tree, from_tree))


FINE_TUNED = ("n_reused_", "n_frozen_", "choice_", "n_features_in_", "feature_names_in_")
SCALER_STATE = ("mean_", "var_", "scale_", "n_samples_seen_", "n_features_in_", "feature_names_in_")

_add_lamina_estimator("Autoencoder")
_add_lamina_estimator("Contrastive")
_add_lamina_estimator("MaskedFeatures")
_add_lamina_estimator("MLPClassifier")
_add_lamina_estimator("MLPRegressor")
_add_lamina_estimator("PairNetwork", "reuse")
_add_lamina_estimator("GrownClassifier", "reuse.grown")
_add_lamina_estimator("GrownRegressor", "reuse.grown")
_add_fine_tuning("FineTuneClassifier")
_add_fine_tuning("FineTuneRegressor")
_add_plain(
    "TableEncoder", "lamina.data.encode:TableEncoder", ("columns_", "n_features_in_", "feature_names_in_", "backend_")
)
_add_plain("StandardScaler", "sklearn.preprocessing:StandardScaler", SCALER_STATE)
SAVABLE.add("Pipeline", Savable("sklearn.pipeline:Pipeline", _pipeline_to_tree, _pipeline_from_tree))
SAVABLE.add(
    "TransformedTargetRegressor",
    Savable("sklearn.compose:TransformedTargetRegressor", _target_to_tree, _target_from_tree),
)
