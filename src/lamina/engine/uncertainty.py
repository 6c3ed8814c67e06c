"""What repeated predictions with active noise say about a model's certainty."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lamina.engine.buckets import bucket, pad_rows
from lamina.engine.precision import precision
from lamina.engine.program import Program

#: rows times samples per dispatch, which bounds the memory that the samples take
CHUNK = 400_000


class Uncertainty(NamedTuple):
    """Mean and spread of the predictions of a model with active dropout (Gal & Ghahramani, 2016), or of several models.

    All uncertainty is the aleatoric part, which every draw has by itself, and the epistemic part, in which the draws
    differ: ``entropy = aleatoric + epistemic`` (Depeweg et al., 2018).

    Attributes
    ----------
    mean, std : ndarray of shape (n_samples, n_outputs)
        Of the sampled outputs.
    entropy : ndarray of shape (n_samples,) or None
        ``-sum p log p`` of the mean probabilities, in nats: all uncertainty; None for regressions.
    mutual_information : ndarray of shape (n_samples,) or None
        The entropy less the mean entropy of the samples: what more training data could take away.
    """

    mean: np.ndarray
    std: np.ndarray
    entropy: np.ndarray | None
    mutual_information: np.ndarray | None

    @property
    def aleatoric(self) -> np.ndarray | None:
        """The mean entropy of the samples, which no more data of the kind could take away; None for regressions."""
        return None if self.entropy is None else self.entropy - self.mutual_information

    @property
    def epistemic(self) -> np.ndarray:
        """The mutual information; where there are no entropies, the variance of the outputs, ``std ** 2``."""
        return self.std**2 if self.mutual_information is None else self.mutual_information


def draw(
    program: Program, params, state, x: np.ndarray, seeds: np.ndarray, hyper: dict, shared_mask: bool
) -> np.ndarray:
    """Sampled outputs of shape (n_draws, n_rows, n_outputs), all draws of a chunk of rows in one dispatch."""
    pieces = []
    size = max(1, CHUNK // len(seeds))
    with precision(program.plan.dtype):
        for start in range(0, len(x), size):
            rows = x[start : start + size]
            samples = program.samples(params, state, pad_rows(rows, bucket(len(rows))), seeds, hyper, shared_mask)
            pieces.append(np.asarray(samples)[:, : len(rows)])
    return np.concatenate(pieces, axis=1)


def summarise(samples: np.ndarray, probabilities: bool) -> Uncertainty:
    """Mean, standard deviation and, for probabilities of classes that exclude each other, the two entropies."""
    mean, std = samples.mean(axis=0), samples.std(axis=0)
    if not probabilities:
        return Uncertainty(mean, std, None, None)
    entropy = _entropy(mean)
    return Uncertainty(mean, std, entropy, np.maximum(entropy - _entropy(samples).mean(axis=0), 0))


def _entropy(p: np.ndarray) -> np.ndarray:
    return -np.sum(p * np.log(np.maximum(p, np.finfo(p.dtype).tiny)), axis=-1)
