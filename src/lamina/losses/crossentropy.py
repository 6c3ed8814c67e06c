"""Cross-entropies, of probabilities or of logits."""

from __future__ import annotations

import numbers
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from lamina.checks import Boolean, Number, check_value
from lamina.losses.base import LOSS_CLASSES, Loss, PairedLoss
from lamina.losses.regression import EPSILON
from lamina.losses.smoothing import smoothed


def _log_shares(outputs, from_logits: bool):
    """Log-probabilities of classes; probabilities are first made to sum to 1 and kept within [1e-7, 1 - 1e-7]."""
    if from_logits:
        return jax.nn.log_softmax(outputs, axis=-1)
    shares = outputs / jnp.sum(outputs, axis=-1, keepdims=True)
    return jnp.log(jnp.clip(shares, EPSILON, 1 - EPSILON))


def binary(y, outputs, from_logits: bool):
    """-y log p - (1 - y) log(1 - p), output by output; probabilities are kept within [1e-7, 1 - 1e-7]."""
    if from_logits:  # log(1 + e^-z) is small where z is large, so that no digits cancel
        return y * jax.nn.softplus(-outputs) + (1 - y) * jax.nn.softplus(outputs)
    p = jnp.clip(outputs, EPSILON, 1 - EPSILON)
    return -y * jnp.log(p) - (1 - y) * jnp.log(1 - p)


def _is_off(label_smoothing: Any) -> bool:
    """Whether it is the number 0, and no value that is traced."""
    return isinstance(label_smoothing, numbers.Real) and label_smoothing == 0


class CrossEntropy(PairedLoss):
    """What the cross-entropies share: probabilities or logits, and labels that are not quite certain.

    Parameters
    ----------
    from_logits : bool, default=False
        Whether outputs are logits (any number) and not probabilities.
    label_smoothing : float, default=0.0
        The share of every target that is spread evenly over the possible classes, from 0 to 1.
    name : str, optional
        A name for it.
    """

    traced: ClassVar[tuple[str, ...]] = ("label_smoothing",)

    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0, *, name: str | None = None) -> None:
        super().__init__(name=name)
        owner = type(self).__name__
        self.from_logits = check_value(owner, "from_logits", from_logits, Boolean)
        self.label_smoothing = check_value(owner, "label_smoothing", label_smoothing, Number(0, 1))

    def smoothed(self, y, n_classes: int):
        """The targets after smoothing."""
        return y if _is_off(self.label_smoothing) else smoothed(y, self.label_smoothing, n_classes)

    def hyper(self) -> dict[str, Any]:
        """The traced values; no smoothing is none of them, so that it adds nothing to what is compiled."""
        off = ("label_smoothing",) if _is_off(self.label_smoothing) else ()
        return {name: value for name, value in super().hyper().items() if name not in off}


@LOSS_CLASSES.register("BinaryCrossentropy", "binary_crossentropy", "bce", "BCE")
class BinaryCrossentropy(CrossEntropy):
    """The mean over outputs of ``-y log p - (1 - y) log(1 - p)``, with labels y of 0 and 1.

    Parameters
    ----------
    from_logits : bool, default=False
        Whether outputs are logits z, with ``p = 1 / (1 + exp(-z))``.
    label_smoothing : float, default=0.0
        Moves every label towards 1/2, by this share of the way.
    name : str, optional
        A name for it.

    Examples
    --------
    >>> round(float(BinaryCrossentropy()([[1.0]], [[0.5]])), 6)
    0.693147
    >>> round(float(BinaryCrossentropy(from_logits=True)([[1.0]], [[0.0]])), 6)
    0.693147
    """

    def call(self, y_true, y_pred):
        return jnp.mean(binary(self.smoothed(y_true, 2), y_pred, self.from_logits), axis=-1)


@LOSS_CLASSES.register("CategoricalCrossentropy", "categorical_crossentropy")
class CategoricalCrossentropy(CrossEntropy):
    """``-sum_k y_k log p_k``, with one-hot labels y or rows of probabilities.

    Parameters
    ----------
    from_logits : bool, default=False
        Whether outputs are logits z, with ``p = softmax(z)``.
    label_smoothing : float, default=0.0
        The share of every target that is spread evenly over the classes (Szegedy et al., 2016).
    name : str, optional
        A name for it.

    Examples
    --------
    >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.75, 0.25]])), 6)
    1.386294
    """

    def call(self, y_true, y_pred):
        y = self.smoothed(y_true, y_true.shape[-1])
        return -jnp.sum(y * _log_shares(y_pred, self.from_logits), axis=-1)


@LOSS_CLASSES.register("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy")
class SparseCategoricalCrossentropy(Loss):
    """``-log p_y``, with labels y that are class numbers from 0.

    Parameters
    ----------
    from_logits : bool, default=False
        Whether outputs are logits z, with ``p = softmax(z)``.
    name : str, optional
        A name for it.

    Examples
    --------
    >>> round(float(SparseCategoricalCrossentropy()([1], [[0.75, 0.25]])), 6)
    1.386294
    """

    def __init__(self, from_logits: bool = False, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.from_logits = check_value(type(self).__name__, "from_logits", from_logits, Boolean)

    def values(self, y_true, y_pred):
        log_p = _log_shares(y_pred, self.from_logits)
        return -jnp.sum(jnp.where(is_class(y_true, y_pred), log_p, 0), axis=-1)


@LOSS_CLASSES.register("CategoricalGeneralizedCrossEntropy", "categorical_generalized_cross_entropy")
class CategoricalGeneralizedCrossEntropy(Loss):
    """``(1 - p_y^q) / q``, with labels y that are class numbers from 0: for labels of which some are wrong.

    Near q = 0 it is the cross-entropy, at q = 1 the absolute error ``1 - p_y``, which a wrong label pulls least.

    Parameters
    ----------
    q : float, default=0.5
        How little a row weighs whose label seems unlikely, above 0 and below 1.
    name : str, optional
        A name for it.

    References
    ----------
    Zhang & Sabuncu (2018), Generalized cross entropy loss for training deep neural networks with noisy labels.

    Examples
    --------
    >>> float(CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]]))
    1.0
    """

    traced: ClassVar[tuple[str, ...]] = ("q",)

    def __init__(self, q: float = 0.5, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.q = check_value(type(self).__name__, "q", q, Number(0, 1, open_low=True, open_high=True))

    def values(self, y_true, y_pred):
        p = jnp.sum(jnp.where(is_class(y_true, y_pred), y_pred, 0), axis=-1)
        return (1 - jnp.maximum(p, EPSILON) ** self.q) / self.q  # the slope of a power is infinite at 0


#: losses whose targets are class numbers
OF_CLASS_NUMBERS = (SparseCategoricalCrossentropy, CategoricalGeneralizedCrossEntropy)


def is_class(y, p):
    """Class numbers of shape (n, ...) or (n, ..., 1) as one-hot booleans of p's shape."""
    numbers = y if y.ndim == p.ndim else y[..., None]
    return numbers.astype(jnp.int32) == jnp.arange(p.shape[-1])


@LOSS_CLASSES.register("BinaryFocalCrossentropy", "binary_focal_crossentropy")
class BinaryFocalCrossentropy(CrossEntropy):
    """The mean over outputs of ``(1 - p_y)^gamma`` times the binary cross-entropy, p_y being the true label's share.

    Parameters
    ----------
    apply_class_balancing : bool, default=False
        Whether label 1 is weighted by alpha and label 0 by 1 - alpha.
    alpha : float, default=0.25
        The weight of label 1, from 0 to 1.
    gamma : float, default=2.0
        How strongly rows that are already right are held back, at least 0.
    from_logits : bool, default=False
        Whether outputs are logits z, with ``p = 1 / (1 + exp(-z))``.
    label_smoothing : float, default=0.0
        Moves every label towards 1/2, by this share of the way.
    name : str, optional
        A name for it.

    References
    ----------
    Lin et al., Focal loss for dense object detection (2017).

    Examples
    --------
    >>> round(float(BinaryFocalCrossentropy()([[1.0]], [[0.5]])), 6)
    0.173287
    """

    traced: ClassVar[tuple[str, ...]] = (*CrossEntropy.traced, "alpha", "gamma")

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        *,
        name: str | None = None,
    ) -> None:
        super().__init__(from_logits, label_smoothing, name=name)
        owner = type(self).__name__
        self.apply_class_balancing = check_value(owner, "apply_class_balancing", apply_class_balancing, Boolean)
        self.alpha = check_value(owner, "alpha", alpha, Number(0, 1))
        self.gamma = check_value(owner, "gamma", gamma, Number(0))

    def call(self, y_true, y_pred):
        y = self.smoothed(y_true, 2)
        p = jax.nn.sigmoid(y_pred) if self.from_logits else y_pred
        values = (1 - y * p - (1 - y) * (1 - p)) ** self.gamma * binary(y, y_pred, self.from_logits)
        if self.apply_class_balancing:
            values *= y * self.alpha + (1 - y) * (1 - self.alpha)
        return jnp.mean(values, axis=-1)


@LOSS_CLASSES.register("CategoricalFocalCrossentropy", "categorical_focal_crossentropy")
class CategoricalFocalCrossentropy(CrossEntropy):
    """``-alpha sum_k (1 - p_k)^gamma y_k log p_k``, with one-hot labels y or rows of probabilities.

    Parameters
    ----------
    alpha : float, default=0.25
        A factor on everything, from 0 to 1.
    gamma : float, default=2.0
        How strongly rows that are already right are held back, at least 0.
    from_logits : bool, default=False
        Whether outputs are logits z, with ``p = softmax(z)``.
    label_smoothing : float, default=0.0
        The share of every target that is spread evenly over the classes.
    name : str, optional
        A name for it.

    References
    ----------
    Lin et al., Focal loss for dense object detection (2017).

    Examples
    --------
    >>> round(float(CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 6)
    0.043322
    """

    traced: ClassVar[tuple[str, ...]] = (*CrossEntropy.traced, "alpha", "gamma")

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        *,
        name: str | None = None,
    ) -> None:
        super().__init__(from_logits, label_smoothing, name=name)
        owner = type(self).__name__
        self.alpha = check_value(owner, "alpha", alpha, Number(0, 1))
        self.gamma = check_value(owner, "gamma", gamma, Number(0))

    def call(self, y_true, y_pred):
        y, log_p = self.smoothed(y_true, y_true.shape[-1]), _log_shares(y_pred, self.from_logits)
        return -self.alpha * jnp.sum((1 - jnp.exp(log_p)) ** self.gamma * y * log_p, axis=-1)
