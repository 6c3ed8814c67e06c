"""From an estimator's `loss` to the loss that the engine lowers."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from lamina import losses
from lamina.activations import get_activation
from lamina.checks import Callable_, Constraint, Kind, Name
from lamina.errors import InvalidParameter
from lamina.losses import LOSSES, MARGINS, Loss, OfPredictions, Smoothed, of_output

#: scikit-learn's names, and those of `lamina.losses` that compare numbers
REGRESSION_LOSSES = (
    *("squared_error", "poisson", "absolute_error", "mean_absolute_error", "mae", "mean_squared_error", "mse"),
    *("huber", "log_cosh", "logcosh", "quantile", "pinball", "mean_absolute_percentage_error", "mape"),
    *("mean_squared_logarithmic_error", "msle", "cosine_similarity"),
)
#: scikit-learn's only loss, and the names of `lamina.losses` that compare classes
CLASSIFICATION_LOSSES = (
    *("log_loss", "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy"),
    *("categorical_focal_crossentropy", "kl_divergence", "mean_squared_error", "mse"),
    *("hinge", "squared_hinge", "categorical_hinge"),
)
_OTHERS: tuple[Constraint, ...] = (
    Kind((Loss,), "an object of lamina.losses"),
    Callable_("a function of targets and predictions"),
)
CLASSIFIER_LOSS: tuple[Constraint, ...] = (Name(CLASSIFICATION_LOSSES), *_OTHERS)
REGRESSOR_LOSS: tuple[Constraint, ...] = (Name(REGRESSION_LOSSES), *_OTHERS)

#: losses of a distribution over all classes, which need an output for each
OVER_CLASSES = (
    losses.CategoricalCrossentropy,
    losses.CategoricalFocalCrossentropy,
    losses.CategoricalHinge,
    losses.KLDivergence,
)
_OF_LABELS = (losses.CrossEntropy, *losses.OF_CLASS_NUMBERS, *MARGINS)


def classifier_loss(given: Any, link: str, n_classes: int, label_smoothing: float) -> Loss:
    """The loss of the output before `link`; None is scikit-learn's."""
    canonical = "log_loss" if link == "softmax" else "binary_log_loss"
    loss = LOSSES[canonical] if given is None or given == "log_loss" else losses.get(given)
    _refuse_for_classes(loss, link, label_smoothing)
    loss = of_output(loss, link)
    return Smoothed(loss, label_smoothing, n_classes if link == "softmax" else 2) if label_smoothing else loss


def regressor_loss(given: Any) -> Loss:
    """The loss of the output before its link, which is "exp" where only positive predictions make sense."""
    if isinstance(given, str) and given in LOSSES:
        return LOSSES[given]
    loss = losses.get("mean_absolute_error" if isinstance(given, str) and given == "absolute_error" else given)
    _refuse_for_numbers(loss)
    return OfPredictions(loss, "exp") if isinstance(loss, losses.Poisson) else loss


def _refuse_for_classes(loss: Loss, link: str, label_smoothing: float) -> None:
    """Targets are one column of zeros and ones per output, and predictions are probabilities."""
    why = None
    if isinstance(loss, losses.OF_CLASS_NUMBERS):
        why = 'takes class numbers, but a classifier compares one-hot rows. Use "log_loss"'
    elif isinstance(loss, OVER_CLASSES) and link != "softmax":
        why = (
            "needs an output for each of three classes or more; two classes share one output, and labels have one "
            'each. Use "log_loss", "binary_crossentropy" or "hinge"'
        )
    elif getattr(loss, "from_logits", False):
        why = "is of logits, but a classifier's predictions are probabilities. Leave from_logits out"
    elif loss.link != "identity" and get_activation(loss.link) is not get_activation(link):
        why = f'brings the link "{loss.link}", but this classifier\'s is "{link}". Leave it out'
    elif label_smoothing and isinstance(loss, MARGINS):
        why = "is of margins, which need certain labels. Leave label_smoothing out"
    elif label_smoothing and getattr(loss, "label_smoothing", 0):
        why = "smooths labels itself. Give label_smoothing once"
    if why:
        raise InvalidParameter(f"loss={loss!r} {why}.")


def _refuse_for_numbers(loss: Loss) -> None:
    """Targets are numbers, with one output for each."""
    why = None
    if isinstance(loss, _OF_LABELS):
        why = 'compares classes. Use MLPClassifier, or a loss of numbers such as "huber"'
    elif isinstance(loss, losses.GaussianNLL) or isinstance(getattr(loss, "quantile", None), list | tuple):
        why = (
            "needs several outputs for each target, and MLPRegressor has one. Use lamina.Sequential, or one regressor "
            "for each quantile"
        )
    if why:
        raise InvalidParameter(f"loss={loss!r} {why}.")


def check_loss(given: Any, loss: Loss, n_outputs: int) -> None:
    """Raise unless JAX can trace a loss that is not known by name, and it gives a value per row. Compiles nothing."""
    if given is None or isinstance(given, str):
        return
    rows = jax.ShapeDtypeStruct((3, n_outputs), np.float32)
    try:
        shape = jax.eval_shape(loss.per_row, rows, rows).shape
    except Exception as error:
        reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        raise InvalidParameter(
            f"loss={given!r} cannot be computed of targets and predictions of shape (3, {n_outputs}) ({reason}). A "
            "loss is a function of two such arrays, written with jax.numpy, that gives a value per row or their mean."
        ) from error
    if shape != (3,):
        raise InvalidParameter(
            f"loss={given!r} gives values of shape {shape} for 3 rows. It must give one per row, or their mean."
        )
