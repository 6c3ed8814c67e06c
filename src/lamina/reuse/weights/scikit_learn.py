"""Networks of scikit-learn and back: the estimators have the same parameters and the same attributes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import neural_network as theirs
from sklearn.base import is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils._param_validation import InvalidParameterError, validate_parameter_constraints
from sklearn.utils.validation import check_is_fitted

from lamina import neural_network as ours
from lamina.activations import get_activation
from lamina.engine.history import History
from lamina.errors import InvalidParameter
from lamina.layers import Dense, Dropout
from lamina.reuse.weights.network import check_single

#: fitted attributes that both have, with the same meaning
RECORD = (
    *("n_features_in_", "feature_names_in_", "n_outputs_", "n_layers_", "out_activation_", "classes_"),
    *("n_iter_", "t_", "loss_", "best_loss_", "loss_curve_", "validation_scores_", "best_validation_score_"),
    "_no_improvement_count",
)
#: scikit-learn's activations of hidden layers
ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
#: scikit-learn's losses of a regressor, by the activation of its output
LOSSES = {"identity": "squared_error", "exp": "poisson"}


def from_sklearn(mlp: Any) -> Any:
    """The lamina estimator of a trained scikit-learn network: same parameters, weights and predictions.

    It has the record of the training too (``loss_curve_``, ``n_iter_``, ``classes_``, names of the columns, ...), and
    goes on as the original would: with ``warm_start=True`` from the same weights along the same curve. The moments of
    Adam and of momentum are not taken, so the first `partial_fit` begins them anew.

    Parameters
    ----------
    mlp : MLPClassifier or MLPRegressor of sklearn.neural_network, Pipeline or TransformedTargetRegressor
        Fitted. In a pipeline or around a target, the network is replaced in a copy and all preprocessing stays.

    Returns
    -------
    MLPClassifier, MLPRegressor, Pipeline or TransformedTargetRegressor
        A copy; `mlp` is not changed, and nothing is shared with it.

    Raises
    ------
    InvalidParameter
        If it is no such network, nor around one.
    sklearn.exceptions.NotFittedError
        If it has not been fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.neural_network import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> trained = MLPClassifier((20,), solver="lbfgs", max_iter=1000, random_state=0).fit(X, y)
    >>> clf = from_sklearn(trained)
    >>> bool(np.allclose(clf.predict_proba(X), trained.predict_proba(X), atol=1e-6))
    True
    """
    check_is_fitted(mlp)
    return _replaced(mlp, (theirs.MLPClassifier, theirs.MLPRegressor), _ours, "from_sklearn")


def to_sklearn(estimator: Any) -> Any:
    """The scikit-learn estimator of a trained lamina network: same weights and predictions.

    Dropout does nothing in prediction and is left out. So is what concerns training alone and scikit-learn does not
    have, such as `clipnorm` or ``solver="nadam"``: its own default is in its place should training go on there.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor of lamina, Pipeline or TransformedTargetRegressor
        Fitted. In a pipeline or around a target, the network is replaced in a copy and all preprocessing stays.

    Returns
    -------
    MLPClassifier or MLPRegressor of sklearn.neural_network, Pipeline or TransformedTargetRegressor
        A copy; `estimator` is not changed, and nothing is shared with it.

    Raises
    ------
    InvalidParameter
        For what scikit-learn's networks cannot compute: normalisation, other activations than "identity", "logistic",
        "tanh" and "relu", several of them, other activations of the output, ensembles. The layer is named.
    sklearn.exceptions.NotFittedError
        If it has not been fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from lamina import MLPClassifier
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier((20,), dropout=0.1, max_iter=300, learning_rate_init=0.02, random_state=0).fit(X, y)
    >>> theirs = to_sklearn(clf)
    >>> type(theirs).__module__.partition(".")[0], bool(np.allclose(theirs.predict_proba(X), clf.predict_proba(X)))
    ('sklearn', True)
    """
    check_is_fitted(estimator)
    return _replaced(estimator, (ours.MLPClassifier, ours.MLPRegressor), _theirs, "to_sklearn")


def _replaced(estimator: Any, networks: tuple[type, ...], convert: Callable[[Any], Any], owner: str) -> Any:
    """A copy of what was given, with the network in it converted."""
    if isinstance(estimator, networks):
        return convert(estimator)
    changed = copy.deepcopy(estimator)
    if isinstance(changed, Pipeline):
        name, last = changed.steps[-1]
        changed.steps[-1] = (name, _replaced(last, networks, convert, owner))
        return changed
    if isinstance(changed, TransformedTargetRegressor):
        for part in {"regressor", "regressor_"} & vars(changed).keys():
            setattr(changed, part, _replaced(getattr(changed, part), networks, convert, owner))
        return changed
    home, received = (cls.__module__.partition(".")[0] for cls in (networks[0], type(estimator)))
    raise InvalidParameter(
        f"{owner} takes an MLPClassifier or MLPRegressor of {home}, or a Pipeline or TransformedTargetRegressor "
        f"that ends with one. Received {type(estimator).__name__} of {received}; of a search give its best_estimator_."
    )


def _ours(mlp: Any) -> Any:
    """The lamina estimator of scikit-learn's."""
    cls = ours.MLPClassifier if is_classifier(mlp) else ours.MLPRegressor
    estimator = cls(**copy.deepcopy(mlp.get_params()))
    if not hasattr(mlp, "coefs_"):  # the pattern within a TransformedTargetRegressor
        return estimator
    _take_record(estimator, mlp)
    estimator._dtype_ = str(mlp.coefs_[0].dtype)
    if is_classifier(mlp):
        estimator._multilabel = mlp._label_binarizer.y_type_.startswith("multilabel")
    if mlp.solver != "lbfgs":
        estimator.learning_rate_init_ = mlp.learning_rate_init
    estimator.stop_reason_, estimator.history_ = None, _history_of(mlp)
    names = [name for name, _ in estimator._layers(mlp.n_outputs_)]
    weights = {name: {"kernel": k, "bias": b} for name, k, b in zip(names, mlp.coefs_, mlp.intercepts_, strict=True)}
    estimator._set_weights(weights, {name: {} for name in names})
    if mlp.early_stopping and mlp.solver != "lbfgs":  # its weights are those of the best epoch
        estimator._best_weights = estimator._weights()
    return estimator


def _take_record(to: Any, of: Any) -> None:
    """Copy the fitted attributes that both have."""
    for name in RECORD:
        if hasattr(of, name):
            setattr(to, name, copy.deepcopy(getattr(of, name)))


def _history_of(mlp: Any) -> History:
    """The losses and scores of the epochs; the rest of the columns is not known."""
    history, losses = History(), getattr(mlp, "loss_curve_", [])
    scores = getattr(mlp, "validation_scores_", None) or []
    if losses:
        every = len(scores) == len(losses)  # not where early stopping was set between two fits
        history.append(loss=np.array(losses), val_score=np.array(scores) if every else np.nan)
    return history


def _theirs(estimator: Any) -> Any:
    """scikit-learn's estimator of lamina's."""
    check_single(estimator, "to_sklearn")
    cls = theirs.MLPClassifier if is_classifier(estimator) else theirs.MLPRegressor
    mlp = cls(**_parameters(estimator, cls))
    if not hasattr(estimator, "coefs_"):
        return mlp
    _take_record(mlp, estimator)
    mlp.coefs_, mlp.intercepts_ = (
        [np.array(a) for a in arrays] for arrays in (estimator.coefs_, estimator.intercepts_)
    )
    mlp._best_coefs, mlp._best_intercepts = copy.deepcopy((mlp.coefs_, mlp.intercepts_))
    if is_classifier(estimator):
        n_labels = len(estimator.classes_)
        mlp._label_binarizer = LabelBinarizer().fit(
            np.eye(n_labels, dtype=int) if estimator._multilabel else estimator.classes_
        )
    return mlp


def _parameters(estimator: Any, cls: type) -> dict[str, Any]:
    """The parameters as scikit-learn takes them; those that it does not take are left out."""
    given = estimator.get_params() | {"activation": _activation(estimator)}
    if not is_classifier(estimator):
        given["loss"] = _loss(estimator)
    if isinstance(estimator.learning_rate_init, str) and hasattr(estimator, "learning_rate_init_"):
        given["learning_rate_init"] = estimator.learning_rate_init_
    return {name: copy.deepcopy(value) for name, value in given.items() if _takes(cls, name, value)}


def _takes(cls: Any, name: str, value: Any) -> bool:
    """Whether scikit-learn's estimator has a parameter and allows the value."""
    try:
        validate_parameter_constraints(cls._parameter_constraints, {name: value}, cls.__name__)
    except InvalidParameterError:
        return False
    return name in cls._parameter_constraints


def _activation(estimator: Any) -> str:
    """The one activation of all hidden layers; an error names the layer that scikit-learn cannot have."""
    hidden: dict[str, str] = {}
    *layers, _ = estimator._layers(getattr(estimator, "n_outputs_", 1))
    for name, layer in layers:
        if isinstance(layer, Dropout):
            continue
        known = [a for a in ACTIVATIONS if get_activation(a) is get_activation(getattr(layer, "activation", None))]
        if not isinstance(layer, Dense) or not known:
            raise InvalidParameter(
                f'to_sklearn: layer "{name}", {layer!r}, is none that scikit-learn\'s networks have. They have dense '
                f"layers with one activation out of {', '.join(ACTIVATIONS)}, and no normalisation."
            )
        hidden[name] = known[0]
    if len(set(hidden.values())) > 1:
        shown = ", ".join(f'{activation} in "{name}"' for name, activation in hidden.items())
        raise InvalidParameter(f"to_sklearn: scikit-learn has one activation for all hidden layers. Received {shown}.")
    return next(iter(hidden.values()), "relu")


def _loss(regressor: Any) -> str:
    """The loss of the same activation of the output."""
    link = regressor._link()
    if link not in LOSSES:
        raise InvalidParameter(
            f"to_sklearn: the output has the activation {link!r}, from loss={regressor.loss!r}. scikit-learn's "
            f"regressors have one out of {', '.join(LOSSES)}."
        )
    return LOSSES[link]
