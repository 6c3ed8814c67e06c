"""Scores against scikit-learn's."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, r2_score

from lamina.engine.precision import precision
from lamina.metrics import METRICS

RNG = np.random.RandomState(0)
WEIGHT = np.r_[RNG.rand(20), np.zeros(4)]  # four padded rows


@pytest.mark.parametrize("outputs", [1, 3])
def test_r2(outputs):
    y, p = RNG.randn(24, outputs) + 100, RNG.randn(24, outputs) + 100
    p[20:] = np.nan
    with precision("float64"):
        ours = float(METRICS["r2"](y, p, WEIGHT))
    np.testing.assert_allclose(ours, r2_score(y[:20], p[:20], sample_weight=WEIGHT[:20]), rtol=1e-12)


def test_r2_of_a_constant_target():
    y = np.ones((5, 1))
    for prediction, expected in ((y, 1.0), (y + 0.1, 0.0)):
        assert float(METRICS["r2"](y, prediction, np.ones(5))) == r2_score(y, prediction) == expected


def test_accuracies():
    p = RNG.rand(24, 3).astype(np.float32)
    y = np.eye(3, dtype=bool)[RNG.randint(0, 3, 24)]
    expected = accuracy_score(y[:20].argmax(1), p[:20].argmax(1), sample_weight=WEIGHT[:20])
    np.testing.assert_allclose(METRICS["categorical_accuracy"](y, p, WEIGHT), expected, rtol=1e-6)
    expected = accuracy_score(y[:20], p[:20] > 0.5, sample_weight=WEIGHT[:20])
    np.testing.assert_allclose(METRICS["exact_match"](y, p, WEIGHT), expected, rtol=1e-6)
