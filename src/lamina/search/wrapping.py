"""Networks inside other estimators: as a pipeline's last step, or behind transformed targets."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object

from lamina.neural_network import MLPClassifier, MLPRegressor
from lamina.reuse.fine_tuning import FineTuning

#: what populations train, besides fine-tuning
OURS = (MLPClassifier.fit, MLPRegressor.fit)
#: arguments of `fit` that a population takes
TOGETHER = {"sample_weight", "validation_data", "unlabeled"}


class Recorder(BaseEstimator):
    """Stands in for a network while what is around it is fitted, and keeps what the network's `fit` would be given."""

    def __init__(self, network=None):
        self.network = network

    def fit(self, X, y=None, **fit_params):
        self.given = (X, y, fit_params)
        return self

    def predict(self, X):
        raise NotImplementedError("a recorder only records")  # but what is around it asks whether it could

    def get_metadata_routing(self):
        return get_routing_for_object(self.network)


def layers_of(estimator) -> Iterator[tuple[str, Any]]:
    """From the outside to the inside: the parameters that hold an estimator within, and these estimators.

    >>> from lamina import MLPRegressor
    >>> scaled = TransformedTargetRegressor(Pipeline([("mlp", MLPRegressor())]))
    >>> [name for name, _ in layers_of(scaled)]
    ['regressor', 'mlp']
    """
    while True:
        if isinstance(estimator, Pipeline):
            name, estimator = estimator.steps[-1]
        elif isinstance(estimator, TransformedTargetRegressor):
            name, estimator = "regressor", getattr(estimator, "regressor_", estimator.regressor)
        else:
            return
        yield name, estimator


def network_of(estimator) -> Any:
    """The innermost estimator."""
    return ([estimator] + [inner for _, inner in layers_of(estimator)])[-1]


def path_of(estimator) -> str:
    """The parameter that holds the innermost estimator; nothing where it stands by itself."""
    return "__".join(name for name, _ in layers_of(estimator))


def with_network(fitted, network) -> Any:
    """A fitted estimator with another network inside; the rest is shared."""
    whole = copy.copy(fitted)
    if isinstance(fitted, Pipeline):
        *others, (name, last) = fitted.steps
        whole.steps = [*others, (name, with_network(last, network))]
    elif isinstance(fitted, TransformedTargetRegressor):
        whole.regressor_ = with_network(fitted.regressor_, network)
    else:
        return network
    return whole


def transforms_targets(estimator) -> bool:
    """Whether the network is given other targets than the whole."""
    return any(name == "regressor" for name, _ in layers_of(estimator))


def rows_inside(fitted, X) -> Any:
    """Rows as the network at the end of a fitted pipeline sees them."""
    while isinstance(fitted, Pipeline):
        X = fitted[:-1].transform(X) if len(fitted) > 1 else X
        fitted = fitted.steps[-1][1]
    return X


def with_parameters(estimator, parameters: Mapping[str, Any]) -> Any:
    """An unfitted copy with these parameters, which may be estimators themselves."""
    return clone(estimator).set_params(**clone(dict(parameters), safe=False))


def in_population(estimator, fit_params: Iterable[str] = ()) -> bool:
    """Whether populations train it as its own `fit` would: a network of ours that is given no other arguments."""
    network = network_of(estimator)
    if getattr(type(network), "fit", None) not in OURS and not isinstance(network, FineTuning):
        return False
    steps = "__".join(name for name, _ in layers_of(estimator) if name != "regressor")
    names = [name.rpartition("__") for name in fit_params]
    return {name for step, _, name in names if step in {"", steps}} <= TOGETHER
