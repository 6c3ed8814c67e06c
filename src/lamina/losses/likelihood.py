"""Losses that are negative log-likelihoods or divergences of distributions."""

from __future__ import annotations

import math

import jax.numpy as jnp

from lamina.errors import DataError
from lamina.losses.base import LOSS_CLASSES, Loss, PairedLoss
from lamina.losses.regression import EPSILON


@LOSS_CLASSES.register("Poisson", "poisson")
class Poisson(PairedLoss):
    """The mean over outputs of ``p - y log(p + 1e-7)``, for counts y and predicted rates p above 0.

    Examples
    --------
    >>> round(float(Poisson()([[2.0]], [[1.0]])), 5)
    1.0
    """

    def call(self, y_true, y_pred):
        return jnp.mean(y_pred - y_true * jnp.log(y_pred + EPSILON), axis=-1)


@LOSS_CLASSES.register("KLDivergence", "kl_divergence", "kld", "KLD", "kullback_leibler_divergence")
class KLDivergence(PairedLoss):
    """``sum_k y_k log(y_k / p_k)`` between rows of probabilities, each kept within [1e-7, 1].

    References
    ----------
    Kullback & Leibler, On information and sufficiency (1951).

    Examples
    --------
    >>> round(float(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 6)
    0.143841
    """

    def call(self, y_true, y_pred):
        y, p = (jnp.clip(values, EPSILON, 1) for values in (y_true, y_pred))
        return jnp.sum(y * jnp.log(y / p), axis=-1)


@LOSS_CLASSES.register("GaussianNLL", "gaussian_nll")
class GaussianNLL(Loss):
    """``[log(2π) + s + (y - m)² exp(-s)] / 2``: how unlikely y is under the normal distribution that was predicted.

    The network has two outputs for each target: first the means m of all targets, then their log-variances s. The loss
    is the mean over targets.

    References
    ----------
    Nix & Weigend, Estimating the mean and variance of the target probability distribution (1994).

    Examples
    --------
    >>> round(float(GaussianNLL()([[1.0]], [[1.0, 0.0]])), 6)
    0.918939
    """

    def call(self, y_true, y_pred):
        n_targets = y_true.shape[-1]
        if y_pred.shape[-1] != 2 * n_targets:
            raise DataError(
                f"GaussianNLL with {n_targets} targets needs {2 * n_targets} outputs, a mean and a log-variance for "
                f"each, but the network has {y_pred.shape[-1]}. Give the last layer {2 * n_targets} units."
            )
        mean, log_variance = y_pred[..., :n_targets], y_pred[..., n_targets:]
        square = jnp.square(y_true - mean) * jnp.exp(-log_variance)
        return 0.5 * jnp.mean(math.log(2 * math.pi) + log_variance + square, axis=-1)
