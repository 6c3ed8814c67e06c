"""Where reused layers come from: any trained network, taken apart."""

from __future__ import annotations

import copy
import os
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import neural_network as scikit_learn
from sklearn.base import is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from lamina.errors import InvalidParameter
from lamina.layers import Dense, Flatten, Layer, Reshape, Softmax
from lamina.models import Sequential, load_model
from lamina.neural_network.network import Network
from lamina.neural_network.unsupervised import Unsupervised
from lamina.persistence import MODEL_NAME, load
from lamina.reuse import weights
from lamina.reuse.columns import Columns
from lamina.reuse.grown import is_hidden
from lamina.storage import read_file

KINDS = (
    "a fitted estimator of lamina or scikit-learn's MLP, a Pipeline that ends in one, a lamina or Keras Sequential, a "
    "torch.nn.Sequential, or the path of a model file"
)


@dataclass(repr=False)
class Source:
    """A trained network in parts, all of them copies."""

    #: the layers before the first hidden one, such as a normalisation of the inputs: reused always
    base: list[Layer]
    #: the hidden layers, each with what belongs to it (normalisation, activation, dropout), from the bottom
    blocks: list[list[Layer]]
    #: the output layer; None where the network has none, as an encoder
    output: Dense | None
    #: name of the activation that the outputs go through at last
    link: str
    dtype: str
    columns: Columns
    #: a fitted transformer of the target
    target_transformer: Any = None
    classes: np.ndarray | None = None
    #: whether its classes are mere numbers of outputs, 0, 1, ..., as the losses of Keras count them
    only_counts: bool = False
    #: the file that it was read from
    path: str = ""

    def __repr__(self) -> str:
        return repr(self.path) if self.path else f"Source({len(self.blocks)} hidden layers)"

    def trunk(self, n_reused: int) -> tuple[Layer, ...]:
        """The base and the lowest `n_reused` hidden layers."""
        return (*self.base, *(layer for block in self.blocks[:n_reused] for layer in block))


@singledispatch
def open_source(given: Any) -> Source:
    """The parts of a trained network; it may be an object of several libraries, or a file."""
    if hasattr(given, "best_estimator_"):  # a search
        return open_source(given.best_estimator_)
    library = type(given).__module__.partition(".")[0]
    if library == "keras":
        return _of_model(weights.from_keras(given))
    if library == "torch":
        return _of_model(weights.from_torch(given))
    if given is None:
        raise InvalidParameter(f"source=None: give the network whose layers shall be reused, {KINDS}.")
    kind = f"the class {given.__name__}" if isinstance(given, type) else f"an object of type {type(given).__name__}"
    raise InvalidParameter(f"source expects {KINDS}. Received {kind}.")


def _check_fitted(estimator: Any) -> None:
    """Raise unless there is something to reuse."""
    message = (
        "The source, of type %(name)s, is not fitted: it has no layers to reuse yet. Call its fit first. Searches of "
        "scikit-learn unfit what they try out: give them source=[sklearn.frozen.FrozenEstimator(fitted), ...]."
    )
    check_is_fitted(estimator, msg=message)


@open_source.register(Source)
def _again(source: Source) -> Source:
    return copy.deepcopy(source)


@open_source.register(str)
@open_source.register(os.PathLike)
def _of_file(path: str | os.PathLike[str]) -> Source:
    path = Path(path)
    if path.suffix in (".keras", ".h5"):
        source = _of_model(weights.from_keras(path))
    else:
        file = path / MODEL_NAME if path.is_dir() else path
        source = open_source(load_model(file) if read_file(file)[0] == "model" else load(file))
    source.path = str(path)
    return source


@open_source.register(Pipeline)
def _of_pipeline(pipeline: Pipeline) -> Source:
    _check_fitted(pipeline)
    source = open_source(pipeline.steps[-1][1])
    if len(pipeline.steps) > 1:
        inner = [] if source.columns.preprocessing is None else source.columns.preprocessing.steps
        source.columns.preprocessing = Pipeline([*copy.deepcopy(pipeline[:-1].steps), *inner])
        source.columns.learn(pipeline[0])
    return source


@open_source.register(TransformedTargetRegressor)
def _of_transformed_target(estimator: TransformedTargetRegressor) -> Source:
    _check_fitted(estimator)
    source = open_source(estimator.regressor_)
    source.target_transformer = copy.deepcopy(estimator.transformer_)
    return source


@open_source.register(FrozenEstimator)
def _of_frozen(frozen: FrozenEstimator) -> Source:
    return open_source(frozen.estimator)


@open_source.register(scikit_learn.MLPClassifier)
@open_source.register(scikit_learn.MLPRegressor)
def _of_scikit_learn(estimator: Any) -> Source:
    _check_fitted(estimator)
    return open_source(weights.from_sklearn(estimator))


@open_source.register(Network)
def _of_estimator(estimator: Network) -> Source:
    _check_fitted(estimator)
    if "estimators_" in vars(estimator):
        raise InvalidParameter(
            "The source is an ensemble. Give one of its members: source=ensemble.estimators_[0], for example."
        )
    source = _of_model(estimator.model_)
    source.columns.learn(estimator)
    if is_classifier(estimator):
        source.classes, source.only_counts = None if estimator._multilabel else estimator.classes_, False
    return source


@open_source.register(Unsupervised)
def _of_encoder(estimator: Unsupervised) -> Source:
    _check_fitted(estimator)
    source = _of_model(estimator.trunk_, has_output=False)
    source.columns.learn(estimator)
    encoder = getattr(estimator, "encoder_", None)
    if encoder is not None:  # an autoencoder of a table
        source.columns.preprocessing = Pipeline([("encode", encoder)])
    return source


@open_source.register(Sequential)
def _of_model(model: Sequential, has_output: bool = True) -> Source:
    if not model.built:
        raise InvalidParameter("The source has no weights yet: it has neither been fitted nor told its inputs' shape.")
    layers, shape = copy.deepcopy(model.layers), tuple(model.input_shape or ())
    places = [place for place, layer in enumerate(layers) if is_hidden(layer)]
    output, link = None, ""
    if has_output and places and isinstance(top := layers[places[-1]], Dense):
        place = places.pop()
        output, link, layers = top, _link(layers[place:]), layers[:place]
    if not places:
        raise InvalidParameter("The source has no hidden layers: there is nothing to reuse but an output.")
    ends = [*places[1:], len(layers)]
    base = _for_flat_rows(layers[: places[0]], shape)
    blocks = [layers[start:end] for start, end in zip(places, ends)]
    for layer in [*base, *(layer for block in blocks for layer in block)]:
        layer.trainable = True
    source = Source(base, blocks, output, link, model.dtype, Columns(shape, int(np.prod(shape))))
    if output is not None and (link == "softmax" or (link == "logistic" and output.units == 1)):
        source.classes, source.only_counts = np.arange(max(output.units, 2)), True
    return source


def _link(top: list[Layer]) -> str:
    """The activation of the outputs: the output layer's own, or that of a layer after it."""
    names = ["softmax" if isinstance(layer, Softmax) else getattr(layer, "activation", None) for layer in top]
    last = next((name for name in reversed(names) if name not in (None, "linear", "identity")), "identity")
    return {"sigmoid": "logistic"}.get(last, last) if isinstance(last, str) else ""


def _for_flat_rows(base: list[Layer], shape: tuple[int, ...]) -> list[Layer]:
    """The layers before the first hidden one, for rows that are flat whatever their shape was."""
    if len(shape) < 2:
        return base
    if isinstance(base[0], Flatten):
        return base[1:]
    unflatten = Reshape(shape)
    unflatten.build((int(np.prod(shape)),))
    return [unflatten, *base]
