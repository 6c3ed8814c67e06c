"""Greedy training of an autoencoder: one hidden layer after the other, each with its own way back."""

from __future__ import annotations

import copy
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from lamina.layers import Dense, DenseTranspose, Layer
from lamina.neural_network.inputs import Prepared
from lamina.neural_network.stochastic import training_rows

Named = tuple[str, Layer]


def blocks_of(layers: Iterable[Named]) -> list[list[Named]]:
    """Layers with those that follow them, up to the next dense one."""
    blocks: list[list[Named]] = []
    for name, layer in layers:
        if isinstance(layer, Dense | DenseTranspose):
            blocks.append([])
        blocks[-1].append((name, layer))
    return blocks


def train_layerwise(estimator, prepared: Prepared, time_budget: float | None, train_all: Callable[..., None]) -> None:
    """Train each hidden layer by itself, unless that has been done, and then all together."""
    until = None if time_budget is None else time.perf_counter() + time_budget
    if not estimator.n_iter_:
        prepared = _held_out(estimator, prepared)
        if _each_layer(estimator, prepared, until).interrupted_:
            return
    with _phase(estimator, "all layers"):
        train_all(prepared, time_budget=_share(until, 1))


def _each_layer(estimator, rows: Prepared, until: float | None):
    """Train each layer, with the decoder's layer opposite, to give its own inputs back; the last one's training.

    A layer learns from the codes of the one before, without noise. The weights go into the estimator after each layer,
    so that an interruption or an error leaves it with what has been learned.
    """
    n_layers = len(blocks_of(estimator._trunk()))
    for number in range(n_layers):
        stage = _stage(estimator, number, rows.X.shape[1])
        with _phase(estimator, f"layer {number + 1}"), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # all layers are trained on together
            try:
                stage._train(rows, time_budget=_share(until, n_layers + 1 - number))
            finally:
                _merge(estimator, stage)
        if stage.interrupted_:
            _end_like(estimator, stage)
            break
        rows = _coded(stage, rows)
    return stage


@contextmanager
def _phase(estimator, name: str) -> Iterator[None]:
    """Name the epochs within in the history, also those of a training that fails."""
    before = len(estimator.history_["epoch"])
    try:
        yield
    finally:
        estimator.history_.mark(name, before)


def _held_out(estimator, prepared: Prepared) -> Prepared:
    """Rows for early stopping, where it needs some, held out once: before any layer has seen them."""
    X, targets, weight, validation, rng = prepared
    if estimator.solver == "lbfgs":
        return prepared
    train, validation = training_rows(estimator, X, targets, weight, validation, rng)
    return Prepared(X[train], targets[train], None if weight is None else weight[train], validation, rng)


def _stage(estimator, number: int, width: int):
    """The autoencoder of one hidden layer, whose layers have the names that they have in the whole."""
    stage = copy.copy(estimator)
    stage._layer_alone, stage.n_outputs_ = number, width
    params, state = estimator._weights()
    names = [name for name, _ in stage._layers(width)]
    stage._set_weights({name: params[name] for name in names}, {name: state[name] for name in names})
    return stage


def _merge(estimator, stage) -> None:
    """Take a stage's weights over."""
    params, state = estimator._weights()
    learned, kept = stage._weights()
    estimator._set_weights({**params, **learned}, {**state, **kept})


def _coded(stage, rows: Prepared) -> Prepared:
    """The same rows as the next stage gets them."""
    codes = stage._features(rows.X)
    validation: Any = None
    if rows.validation is not None:
        held_out = stage._features(np.asarray(rows.validation[0]))
        validation = held_out, held_out, rows.validation[2]
    return Prepared(codes, codes, rows.weight, validation, rows.rng)


def _share(until: float | None, n_phases: int) -> float | None:
    """The seconds of the next of so many phases, of which each gets the same share of what is left."""
    return None if until is None else max((until - time.perf_counter()) / n_phases, 1e-9)


def _end_like(estimator, stage) -> None:
    """An interrupted stage ends the whole."""
    for name in ("interrupted_", "stop_reason_", "n_iter_", "t_", "loss_", "loss_curve_"):
        if hasattr(stage, name):
            setattr(estimator, name, getattr(stage, name))
