"""The learning-rate finder: the range test on a copy of an estimator or of a model."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import numpy as np
from sklearn.base import clone

from lamina.checks import Is, Number, check_value
from lamina.engine.buckets import bucket
from lamina.engine.learning_rate_range import LearningRateRange
from lamina.engine.loop import to_device
from lamina.engine.range_test import batches_of, range_test
from lamina.errors import InvalidParameter
from lamina.inspection.subject import checked_rows, generator_of, subject_of
from lamina.models import Sequential
from lamina.neural_network.base import BaseMLP
from lamina.neural_network.learning_rate import range_of
from lamina.neural_network.stochastic import batch_of, training_rows


def find_learning_rate(
    model: Any,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    min_rate: float = 1e-6,
    max_rate: float = 10.0,
    n_steps: int = 200,
    batch_size: int | None = None,
) -> LearningRateRange:
    """Try learning rates from small to large, one step each, and suggest some.

    Step i has the rate ``min_rate · (max_rate / min_rate) ** (i / (n_steps - 1))``; the test ends where the loss of the
    batches is four times the first one. The model, its weights, its optimizer and its random state stay as they are:
    the steps are those of a copy. Other limits and numbers of steps compile nothing new.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor or compiled Sequential
        An estimator starts from where `fit` would start (with ``warm_start``, from its weights), on the rows and with
        the batches of `fit`; a model from the weights and the optimizer state that it has.
    X, y : array-like
        The training rows.
    sample_weight : array-like of shape (n_samples,), optional
        Weights of the rows.
    min_rate, max_rate : float, default=1e-6, 10.0
        The first and the last learning rate.
    n_steps : int, default=200
        The number of steps, at least 20.
    batch_size : int, optional
        Rows per step of a model: by default as in its last training, or 32. Estimators have a `batch_size` of their
        own.

    Returns
    -------
    LearningRateRange
        With `suggestion`, `max_rate_for_one_cycle` and others, and the curve.

    Raises
    ------
    InvalidParameter
        For limits in the wrong order, for other objects, and for estimators with ``solver="lbfgs"``.
    DivergenceError
        If the loss shoots up within the first steps.

    References
    ----------
    Smith (2017), Cyclical learning rates for training neural networks.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> found = find_learning_rate(MLPClassifier((16,), random_state=0), scale(X), y)
    >>> 0.001 < found.suggestion < 1
    True
    """
    owner = "find_learning_rate"
    check_value(owner, "n_steps", n_steps, Number(20, whole=True))
    check_value(owner, "min_rate", min_rate, Number(0, open_low=True))
    check_value(owner, "max_rate", max_rate, Number(float(min_rate), open_low=True))
    check_value(owner, "batch_size", batch_size, Number(1, whole=True), Is(None))
    rates = np.geomspace(min_rate, max_rate, n_steps)
    if not isinstance(model, BaseMLP):
        return _of_model(model, X, y, sample_weight, rates, batch_size)
    if batch_size is not None:
        raise InvalidParameter("An estimator has a batch_size of its own: set_params(batch_size=...).")
    return _of_estimator(model, X, y, sample_weight, rates)


def _of_estimator(estimator: BaseMLP, X, y, sample_weight, rates: np.ndarray) -> LearningRateRange:
    if estimator.solver == "lbfgs":
        raise InvalidParameter('solver="lbfgs" has no learning rate. Use a stochastic one, such as "adam".')
    trial = copy.copy(estimator) if estimator.warm_start else clone(estimator)
    trial.random_state = generator_of(estimator)
    prepared = trial._prepare(X, y, sample_weight)
    rows, _ = training_rows(trial, *prepared)
    data = to_device(trial._plan(), *prepared[:3])
    return range_of(trial, data, rows, batch_of(trial, len(rows)), prepared.rng, rates)


def _of_model(model: Sequential, X, y, sample_weight, rates: np.ndarray, batch_size: int | None) -> LearningRateRange:
    subject = subject_of(model, 0, len(rates))  # models have no values that depend on the number of rows
    x, y, weight = checked_rows(model, X, y, sample_weight)
    batch_size = batch_size or (model.history and model.history.params.get("batch_size")) or 32
    size = min(batch_size, len(x))
    plan = dataclasses.replace(subject.plan, batch_width=batch_size if size == batch_size else bucket(size))
    rng = generator_of(model)
    seed = rng.randint(2**32, size=2, dtype=np.uint32)
    batches = batches_of(np.arange(len(x)), size, len(rates), rng, shuffle=True)
    weights = (subject.params, subject.state, subject.optimizer_state)
    values = subject.values(0, model.steps_done)
    return range_test(plan, weights, to_device(plan, x, y, weight), batches, rates, values, seed)
