"""From the options of `lamina fit` to the parameters of an estimator."""

from __future__ import annotations

from typing import Any

from lamina.errors import InvalidParameter

CLASSES_ONLY = ("class_weight", "label_smoothing")
#: options that mean something to a fine-tuning, by its parameters' names
OF_FINE_TUNING = {
    "n_reused": "n_reused",
    "new_hidden": "hidden",
    "epochs": "max_iter",
    "learning_rate": "learning_rate_init",
    **{name: name for name in ("frozen_epochs", "layer_decay", "activation", "loss", "solver", "alpha", "batch_size")},
    **{name: name for name in ("momentum", "nesterovs_momentum", "dropout", "clipnorm", *CLASSES_ONLY)},
    **{name: name for name in ("early_stopping", "validation_fraction", "n_iter_no_change", "tol")},
}
#: options of any run
_OF_EVERY = ("data", "target", "task", "out", "config", "seed", "test_size", "refit", "verbose", "origin")


def parameters_from(options: dict[str, Any], task: str) -> dict[str, Any]:
    """The parameters of the estimator of this task."""
    parameters = network_parameters(options)
    for name in ("n_reused", "layer_decay"):
        parameters.pop(name, None)
    for name in ("pretrain", "frozen_epochs"):
        if parameters.get(name) is None:
            parameters.pop(name, None)
    if parameters["class_weight"] == "none":
        parameters["class_weight"] = None
    if parameters["loss"] is None:
        del parameters["loss"]  # each estimator has its own
    for name in CLASSES_ONLY if task == "regression" else ():
        parameters.pop(name)
    return parameters


def network_parameters(options: dict[str, Any]) -> dict[str, Any]:
    """Options as any network calls them, with numbers for texts."""
    parameters = dict(options)
    parameters["hidden_layer_sizes"] = _sizes(parameters.pop("hidden"))
    parameters["batch_size"] = _number(parameters["batch_size"], int, "batch-size", "auto", "a whole number")
    rate = parameters["learning_rate_init"]
    parameters["learning_rate_init"] = _number(rate, float, "learning-rate-init", "find", "a number")
    parameters["random_state"] = parameters.pop("seed")
    return parameters


def fine_tuning_from(options: dict[str, Any], typed: frozenset[str], task: str) -> dict[str, Any]:
    """The parameters of a fine-tuning: what was typed, and its own defaults for the rest."""
    always = {"early_stopping", "solver", "validation_fraction"}
    chosen = {name: options[option] for name, option in OF_FINE_TUNING.items() if option in typed | always}
    if "new_hidden" in chosen:
        chosen["new_hidden"] = _sizes(chosen["new_hidden"])
    if "n_reused" in chosen and chosen["n_reused"] != "all":
        chosen["n_reused"] = _number(chosen["n_reused"], int, "n-reused", "auto", "a whole number, all")
    if "batch_size" in chosen:
        chosen["batch_size"] = _number(chosen["batch_size"], int, "batch-size", "auto", "a whole number")
    if "learning_rate" in chosen:
        chosen["learning_rate"] = _number(chosen["learning_rate"], float, "learning-rate-init", None, "a number")
    other = ("loss",) if task == "classification" else CLASSES_ONLY
    if unsuited := [name for name in other if name in chosen]:
        raise InvalidParameter(f"{_flag(unsuited[0])} does not suit a fine-tuning for {task}. Leave it out.")
    return {name: value for name, value in chosen.items() if value is not None} | {"random_state": options["seed"]}


def check_reuse(options: dict[str, Any], typed: set[str]) -> None:
    """Raise if options were typed that have no place beside each other."""
    if options["origin"] is None:
        if alone := typed & {"n_reused", "layer_decay"}:
            raise InvalidParameter(f"{_flag(min(alone))} says how to fine-tune a trained network. Give --from MODEL.")
        if "frozen_epochs" in typed and options["pretrain"] is None:
            raise InvalidParameter("--frozen-epochs needs layers that have learned before. Give --from or --pretrain.")
        return
    if strange := typed - {*OF_FINE_TUNING.values(), *_OF_EVERY}:
        raise InvalidParameter(
            f"{_flag(min(strange))} has no place beside --from, which begins with the layers of a trained network. "
            "Leave one of them out."
        )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def with_preset(options: dict[str, Any], preset: str | None, typed: set[str]) -> dict[str, Any]:
    """The options with a preset's values for those that the user did not type."""
    if preset is None:
        return options
    from lamina.presets import PRESETS

    chosen = PRESETS[preset](len(_sizes(options["hidden"])))
    return options | {name: value for name, value in chosen.items() if name in options and name not in typed}


def _sizes(text: str) -> tuple[int, ...]:
    """Sizes of the hidden layers.

    >>> _sizes("256, 128,64")
    (256, 128, 64)
    """
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise InvalidParameter(f'hidden is "{text}". Expected whole numbers, such as 256,128,64.') from None


def _number(text: Any, kind: type, option: str, word: str | None, expected: str) -> Any:
    """A number of this kind, or the word that may stand in its place.

    >>> _number("0.01", float, "learning-rate-init", "find", "a number")
    0.01
    """
    if text == word:
        return text
    try:
        return kind(text)
    except ValueError:
        words = "" if word is None else f" or {word}"
        raise InvalidParameter(f'{option} is "{text}". Expected {expected}{words}.') from None
