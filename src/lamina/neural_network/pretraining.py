"""First weights from rows without labels: the hidden layers learn a task of their own before they learn the targets."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import _safe_indexing, check_consistent_length
from sklearn.utils.validation import _check_sample_weight

from lamina.callbacks import Callback
from lamina.data.rows import check_rows
from lamina.engine.precision import weight_dtype
from lamina.errors import DataError, InvalidParameter
from lamina.neural_network.inputs import Prepared, dense_rows
from lamina.neural_network.stochastic import training_rows

#: classes that pretrain, by the names of their tasks: module, class, parameters
TASKS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "autoencoder": ("autoencoder", "Autoencoder", {}),
    "greedy": ("autoencoder", "Autoencoder", {"greedy": True}),
    "masked": ("masked_features", "MaskedFeatures", {}),
    "contrastive": ("contrastive", "Contrastive", {}),
}
#: parameters that a pretrained network has from the one that it is for
SHARED = ("hidden_layer_sizes", "activation", "kernel_initializer", "normalization", "norm_position")
#: names of the phases in the history
FROZEN, FINE_TUNING = "frozen", "fine-tuning"


class Pretraining:
    """What networks that learn hidden layers for another task derive from."""

    #: whether its own task takes labels; such a network cannot pretrain on rows without them
    _needs_labels = False


def check_pretraining(estimator, incremental: bool, coefs_init, intercepts_init, unlabeled) -> None:
    """Raise for what `fit` cannot use with, or without, `pretrain`."""
    if estimator.pretrain is None:
        if unlabeled is not None:
            raise InvalidParameter(
                'Rows without labels are there to pretrain on, and pretrain=None. Set pretrain="contrastive", for '
                "example, or leave unlabeled out."
            )
        return
    for name, given in (("coefs_init", coefs_init), ("intercepts_init", intercepts_init)):
        if given is not None:
            raise InvalidParameter(
                f"{name} and pretrain={estimator.pretrain!r} both give first weights. Leave out one."
            )
    if incremental and not hasattr(estimator, "coefs_"):
        raise InvalidParameter(
            f"partial_fit trains on a few rows at a time, and pretrain={estimator.pretrain!r} is a matter of all rows. "
            "Call fit first, or set pretrain=None."
        )


def labelled(estimator, X, y, sample_weight=None) -> tuple:
    """The rows that have a label, with their labels and weights."""
    if y is None:  # which has an error of its own
        return X, y, sample_weight
    check_consistent_length(X, y)
    missing = estimator._without_label(y)
    if missing.all():
        raise DataError(
            f"None of the {len(missing)} rows has a label: y marks them all as unlabelled. Pretraining alone predicts "
            "nothing; give labels to some rows, or fit lamina.MaskedFeatures or another task for its features."
        )
    if not missing.any():
        return X, y, sample_weight
    known = np.flatnonzero(~missing)
    weight = None if sample_weight is None else _check_sample_weight(sample_weight, X)[known]
    return _safe_indexing(X, known), estimator._known_targets(y, known), weight


def fit_pretrained(
    estimator, prepared: Prepared, X, unlabeled, callbacks: Sequence[Callback] = (), goes_on: bool = False
) -> None:
    """Pretrain on all rows and train on those with labels; who goes on from weights of before is only trained."""
    rows = all_rows(estimator, X, unlabeled)
    phases: list[tuple] = [(FINE_TUNING, None, ())]
    estimator.interrupted_ = False
    if not goes_on:
        estimator.pretrainer_ = pretrainer_of(estimator, prepared.rng).fit(rows)
        take_hidden(estimator, estimator.pretrainer_)
        estimator.interrupted_ = estimator.pretrainer_.interrupted_
        hidden = tuple(name for name, _ in estimator._layers(estimator.n_outputs_)[:-1])
        phases = [(FROZEN, estimator.frozen_epochs, hidden), *phases] if estimator.frozen_epochs else phases
    if estimator.solver != "lbfgs":
        prepared = split_once(estimator, prepared)
    before = len(estimator.history_["epoch"])
    for phase, max_epochs, frozen in phases:
        if not estimator.interrupted_:
            train_phase(estimator, prepared, callbacks, phase, max_epochs, frozen)
    estimator.n_iter_ = len(estimator.history_["epoch"]) - before


def all_rows(estimator, X, unlabeled) -> np.ndarray:
    """The rows with and without labels."""
    rows = dense_rows(check_rows(estimator, X, reset=False))
    if unlabeled is None:
        return rows
    try:
        more = dense_rows(check_rows(estimator, unlabeled, reset=False))
    except ValueError as error:
        raise DataError(f"unlabeled: {error}") from None
    return np.concatenate([rows, more.astype(rows.dtype)])


def new_task(name: str):
    """The network of a task by its name, with the parameters that the name stands for."""
    module, kind, parameters = TASKS[name]
    return getattr(import_module(f"lamina.neural_network.{module}"), kind)(**parameters)


def pretrainer_of(estimator, rng: np.random.RandomState):
    """The unfitted network of the task, with hidden layers as the estimator's."""
    if isinstance(estimator.pretrain, str):
        pretrainer = new_task(estimator.pretrain).set_params(dtype=estimator.dtype, verbose=estimator.verbose)
    else:
        pretrainer = clone(estimator.pretrain)
    pretrainer.set_params(**{name: getattr(estimator, name) for name in SHARED})
    if pretrainer.random_state is None:
        pretrainer.random_state = rng.randint(2**31)
    return pretrainer


def take_hidden(estimator, pretrainer) -> None:
    """Give an estimator the hidden layers that another network of the same ones has learned."""
    params, state = estimator._weights()
    learned = pretrainer._weights()
    names = [name for name, _ in pretrainer._trunk() if name in params]
    dtype = weight_dtype(estimator._dtype_)
    for own, given in zip((params, state), learned):
        own |= {name: {key: array.astype(dtype) for key, array in given[name].items()} for name in names}
    estimator._set_weights(params, state)


def split_once(estimator, prepared: Prepared) -> Prepared:
    """Hold out validation rows before the first phase, so that all phases have the same."""
    X, targets, weight, *_ = prepared
    rows, validation = training_rows(estimator, *prepared)
    weight = None if weight is None else weight[rows]
    return Prepared(X[rows], targets[rows], weight, validation, prepared.rng)


def train_phase(estimator, prepared: Prepared, callbacks, phase: str, max_epochs: int | None, frozen) -> None:
    """Train without the frozen layers, patience and best loss anew, and name the epochs in the history."""
    before = len(estimator.history_["epoch"])
    estimator._frozen, estimator._phase, estimator._no_improvement_count = frozen, phase, 0
    if not estimator.early_stopping:
        estimator.best_loss_ = np.inf
    try:
        estimator._train(prepared, callbacks, max_epochs=max_epochs)
    finally:
        del estimator._frozen, estimator._phase
        estimator.history_.mark(phase, before)
