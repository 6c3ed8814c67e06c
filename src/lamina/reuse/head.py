"""The output of a fine-tuned network: a new one, or the source's with more columns."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lamina.data.target import LabelCodec
from lamina.errors import DataError
from lamina.layers import Dense
from lamina.reuse.source import Source

HEADS = ("auto", "keep", "new")


class Head(NamedTuple):
    """What the output begins with: all its classes, and the weights that are known of it; None for what is not."""

    classes: np.ndarray | None = None
    #: kernel, bias, and the columns of the output that they belong to
    known: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None


def head_for_classes(head: str, source: Source, fits: bool, y: Any) -> Head:
    """The classes of the source and of `y` together, if the source's are kept; else those of `y`.

    Under "auto" they are if some label is known to the source. `fits` says whether the output can stand where it stood.
    """
    new = LabelCodec.learn(y).classes
    known, output = source.classes, source.output
    if known is None or output is None or not fits:
        if head == "keep":
            raise DataError(f'head="keep" needs an output to keep, but {_why_not(source)}. Use head="new".')
        return Head(new)
    if head == "new" or (head == "auto" and not _is_known(known, new, source.only_counts)):
        return Head(new)
    if _kind(new) != _kind(known):
        raise DataError(
            f"y has labels such as {new[0]!r}, and the source such as {known[0]!r}. To keep the source's "
            'classes, give labels of its kind; else use head="new".'
        )
    classes = np.union1d(known, new)
    columns = np.searchsorted(classes, known)
    kernel, bias = _weights(output)
    if kernel.shape[1] == 1 and len(classes) > 2:  # one output for two classes: half of it for each
        kernel, bias = np.hstack([-kernel, kernel]) / 2, np.hstack([-bias, bias]) / 2
    if kernel.shape[1] == 2 and len(classes) == 2:
        kernel, bias = kernel[:, 1:] - kernel[:, :1], bias[1:] - bias[:1]
    return Head(classes, (kernel, bias, columns if len(classes) > 2 else np.array([0])))


def _is_known(known: np.ndarray, new: np.ndarray, only_counts: bool) -> bool:
    """Whether a label of `y` is one of the source's; where these only count its outputs, whether all of them are."""
    if _kind(new) != _kind(known):
        return False
    common = np.isin(known, new)
    return bool(common.all() if only_counts else common.any())


def _kind(labels: np.ndarray) -> str:
    """Truths, numbers or words; True is not the class 1."""
    return {"b": "truths", "i": "numbers", "u": "numbers", "f": "numbers"}.get(labels.dtype.kind, "words")


def head_for_numbers(head: str, source: Source, fits: bool, n_targets: int, link: str) -> Head:
    """The source's output for as many numbers, or labels of yes and no, if it is kept."""
    if head == "new":
        return Head()
    if fits and source.output is not None and source.output.units == n_targets and source.link == link:
        return Head(None, (*_weights(source.output), np.arange(n_targets)))
    if head == "keep":
        raise DataError(
            f'head="keep" needs an output for {n_targets} columns of y, but {_why_not(source)}. Use head="new".'
        )
    return Head()


def _weights(output: Dense) -> tuple[np.ndarray, np.ndarray]:
    assert output.store is not None
    params = output.store[0]
    return np.asarray(params["kernel"]), np.asarray(params.get("bias", np.zeros(output.units)))


def _why_not(source: Source) -> str:
    if source.output is None:
        return "the source has none"
    return (
        f'the source has {source.output.units} with the activation "{source.link}", which stands on all its '
        f"{len(source.blocks)} hidden layers"
    )
