"""Scores against scikit-learn's."""

import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, r2_score

from lamina.engine.precision import precision
from lamina.metrics import METRICS, Precision, Unweighted, get

RNG = np.random.RandomState(0)
WEIGHT = np.r_[RNG.rand(20), np.zeros(4)]  # four padded rows


@pytest.mark.parametrize("outputs", [1, 3])
def test_r2(outputs):
    y, p = RNG.randn(24, outputs) + 100, RNG.randn(24, outputs) + 100
    p[20:] = np.nan
    with precision("float64"):
        ours = float(METRICS["r2"].of_rows(*map(jnp.asarray, (y, p, WEIGHT))))
    np.testing.assert_allclose(ours, r2_score(y[:20], p[:20], sample_weight=WEIGHT[:20]), rtol=1e-12)


def test_r2_of_a_constant_target():
    y = np.ones((5, 1))
    for prediction, expected in ((y, 1.0), (y + 0.1, 0.0)):
        assert float(get("r2")(y, prediction, np.ones(5))) == r2_score(y, prediction) == expected


def test_accuracies():
    p = RNG.rand(24, 3).astype(np.float32)
    y = np.eye(3, dtype=bool)[RNG.randint(0, 3, 24)]
    expected = accuracy_score(y[:20].argmax(1), p[:20].argmax(1), sample_weight=WEIGHT[:20])
    np.testing.assert_allclose(get("categorical_accuracy")(y, p, WEIGHT), expected, rtol=1e-6)
    expected = accuracy_score(y[:20], p[:20] > 0.5, sample_weight=WEIGHT[:20])
    np.testing.assert_allclose(get("exact_match")(y, p, WEIGHT), expected, rtol=1e-6)


def test_names_give_metrics_of_their_own():
    """What one has added up is no part of another of the same name."""
    first, second = get("mse"), get("mse")
    assert float(first([0.0], [[2.0]])) == 4
    assert float(second([0.0], [[1.0]])) == 1
    assert (float(first([0.0], [[0.0]])), float(second.result())) == (2, 1)
    first.reset_state()
    assert float(first.result()) == 0
    assert first == second


def test_weights_left_out():
    y, p, weight = jnp.array([1.0, 0, 1]), jnp.array([[0.9], [0.9], [0.9]]), jnp.array([3.0, 1, 0])
    assert float(Precision().of_rows(y, p, weight)) == 0.75
    assert float(Unweighted(Precision()).of_rows(y, p, weight)) == 0.5
