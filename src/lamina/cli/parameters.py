"""From the options of `lamina fit` to the parameters of an estimator."""

from __future__ import annotations

from typing import Any

from lamina.errors import InvalidParameter

CLASSES_ONLY = ("class_weight", "label_smoothing")


def parameters_from(options: dict[str, Any], task: str) -> dict[str, Any]:
    """The parameters of the estimator of this task."""
    parameters = dict(options)
    parameters["hidden_layer_sizes"] = _sizes(parameters.pop("hidden"))
    parameters["batch_size"] = _number(parameters["batch_size"], int, "batch-size", "auto", "a whole number")
    rate = parameters["learning_rate_init"]
    parameters["learning_rate_init"] = _number(rate, float, "learning-rate-init", "find", "a number")
    parameters["random_state"] = parameters.pop("seed")
    if parameters["class_weight"] == "none":
        parameters["class_weight"] = None
    if parameters["loss"] is None:
        del parameters["loss"]  # each estimator has its own
    for name in CLASSES_ONLY if task == "regression" else ():
        parameters.pop(name)
    return parameters


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


def _number(text: Any, kind: type, option: str, word: str, expected: str) -> Any:
    """A number of this kind, or the word that may stand in its place.

    >>> _number("0.01", float, "learning-rate-init", "find", "a number")
    0.01
    """
    if text == word:
        return text
    try:
        return kind(text)
    except ValueError:
        raise InvalidParameter(f'{option} is "{text}". Expected {expected} or {word}.') from None
