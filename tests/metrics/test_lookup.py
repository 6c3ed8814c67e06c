"""Every metric against Keras', over three batches with weights; and metrics by name."""

import os
import re

import jax
import numpy as np
import pytest

from lamina import losses, metrics
from lamina.errors import DataError, InvalidParameter, UnknownName

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")

RNG = np.random.RandomState(0)
ROWS, CLASSES = 60, 7
WEIGHT = RNG.uniform(0.1, 2, ROWS).astype(np.float32)
LABELS = RNG.randint(0, CLASSES, ROWS)
ONE_HOT = np.eye(CLASSES, dtype=np.float32)[LABELS]
SHARES = RNG.dirichlet(np.ones(CLASSES), ROWS).astype(np.float32)
GUESSES = (0.7 * SHARES + 0.3 * ONE_HOT).astype(np.float32)
BITS = (RNG.rand(ROWS, 3) > 0.6).astype(np.float32)
CHANCES = (0.6 * RNG.rand(ROWS, 3) + 0.3 * BITS + 0.05).astype(np.float32)
NUMBERS = (RNG.randn(ROWS, 2).astype(np.float32) + 1, RNG.randn(ROWS, 2).astype(np.float32) + 1)
POSITIVE = tuple(RNG.uniform(0.5, 3, (2, ROWS, 2)).astype(np.float32))
ONE_BIT, ONE_CHANCE = BITS[:, :1], CHANCES[:, :1]

# name, our parameters, Keras' where they differ, (targets, predictions)
CASES = [
    ("BinaryAccuracy", {}, {}, (BITS, CHANCES)),
    ("BinaryAccuracy", {"threshold": 0.3}, {}, (BITS, CHANCES)),
    ("CategoricalAccuracy", {}, {}, (ONE_HOT, GUESSES)),
    ("SparseCategoricalAccuracy", {}, {}, (LABELS, GUESSES)),
    ("TopKCategoricalAccuracy", {"k": 2}, {}, (ONE_HOT, GUESSES)),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, {}, (LABELS, GUESSES)),
    ("MeanSquaredError", {}, {}, NUMBERS),
    ("MeanAbsoluteError", {}, {}, NUMBERS),
    ("MeanAbsolutePercentageError", {}, {}, POSITIVE),
    ("MeanSquaredLogarithmicError", {}, {}, POSITIVE),
    ("RootMeanSquaredError", {}, {}, NUMBERS),
    ("LogCoshError", {}, {}, NUMBERS),
    ("CosineSimilarity", {}, {}, NUMBERS),
    ("R2Score", {}, {}, NUMBERS),
    ("Poisson", {}, {}, POSITIVE),
    ("KLDivergence", {}, {}, (SHARES, GUESSES)),
    ("Hinge", {}, {}, (2 * BITS - 1, CHANCES)),
    ("SquaredHinge", {}, {}, (BITS, CHANCES)),
    ("CategoricalHinge", {}, {}, (ONE_HOT, GUESSES)),
    ("BinaryCrossentropy", {}, {}, (BITS, CHANCES)),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, {}, (BITS, CHANCES)),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, {}, (ONE_HOT, GUESSES)),
    ("SparseCategoricalCrossentropy", {}, {}, (LABELS, GUESSES)),
    ("Precision", {}, {}, (BITS, CHANCES)),
    ("Precision", {"thresholds": 0.7, "class_id": 1}, {}, (BITS, CHANCES)),
    ("Recall", {}, {}, (ONE_BIT, ONE_CHANCE)),
    ("Recall", {"thresholds": 0.3}, {}, (ONE_HOT, GUESSES)),
    ("F1Score", {}, {"average": "macro"}, (ONE_HOT, GUESSES)),
    ("F1Score", {"average": "weighted"}, {}, (ONE_HOT, GUESSES)),
    ("F1Score", {"average": "micro", "threshold": 0.4}, {}, (BITS, CHANCES)),
    ("F1Score", {}, {"threshold": 0.5, "average": "macro"}, (ONE_BIT, ONE_CHANCE)),
    ("AUC", {}, {}, (ONE_BIT, ONE_CHANCE)),
    ("AUC", {"num_thresholds": 10}, {}, (BITS, CHANCES)),
    ("AUC", {"curve": "PR"}, {}, (BITS, CHANCES)),
    ("AUC", {"curve": "PR", "from_logits": True}, {}, (ONE_BIT, 4 * ONE_CHANCE - 2)),
]
NAMES = [f"{name}-{'-'.join(parameters)}" for name, parameters, _, _ in CASES]


@pytest.mark.parametrize(("name", "parameters", "differing", "data"), CASES, ids=NAMES)
def test_three_batches_equal_keras(name, parameters, differing, data):
    """Rows 125, 139: after each batch, by itself again after a reset, and by a call that adds the last one.

    float32: sums of 60 to 200 terms. R² takes sums from each other and F1 has 1e-7 in Keras' divisors.
    """
    ours, theirs = getattr(metrics, name)(**parameters), getattr(keras.metrics, name)(**{**parameters, **differing})
    assert ours.name == re.sub(r"_\d+$", "", theirs.name)  # Keras numbers those of one class
    batches = [(data[0][rows], data[1][rows], WEIGHT[rows]) for rows in np.split(np.arange(ROWS), 3)]
    for y, p, weight in batches:
        for metric in (ours, theirs):
            metric.update_state(y, p, sample_weight=weight)
        np.testing.assert_allclose(float(ours.result()), float(theirs.result()), rtol=2e-6)
    assert ours.total.shape == (ours.size(data[0]),)
    for metric in (ours, theirs):
        metric.reset_state()
    for y, p, _ in batches[1:]:
        np.testing.assert_allclose(float(ours(y, p)), float(theirs(y, p)), rtol=2e-6)
    assert ours.greater_is_better is (theirs._direction == "up")


@pytest.mark.parametrize(("name", "parameters", "differing", "data"), CASES, ids=NAMES)
def test_padded_rows_have_no_influence(name, parameters, differing, data):
    metric = getattr(metrics, name)(**parameters)
    y, p = data
    padded = np.concatenate([p, np.full_like(p[:4], np.nan)])
    weight = np.r_[WEIGHT, np.zeros(4, np.float32)]
    value = jax.jit(metric.of_rows)(np.concatenate([y, y[:4]]), padded, weight)
    np.testing.assert_allclose(value, jax.jit(metric.of_rows)(y, p, WEIGHT), rtol=1e-6)


def test_every_class_was_compared():
    known = {type(metrics.METRICS[name]).__name__ for name in metrics.METRICS}
    assert {name for name, *_ in CASES} == known - {"ExactMatch"}


@pytest.mark.parametrize(
    ("loss", "outputs", "targets", "expected"),
    [
        ("binary_crossentropy", 1, 1, metrics.BinaryAccuracy()),
        ("binary_crossentropy", 5, 5, metrics.BinaryAccuracy()),
        ("mse", 1, 1, metrics.BinaryAccuracy()),
        ("sparse_categorical_crossentropy", 10, 1, metrics.SparseCategoricalAccuracy()),
        ("categorical_crossentropy", 10, 10, metrics.CategoricalAccuracy()),
        ("mse", 10, 10, metrics.CategoricalAccuracy()),
    ],
)
def test_what_accuracy_means(loss, outputs, targets, expected):
    for word in ("accuracy", "acc"):
        assert metrics.resolve(word, losses.get(loss), outputs, targets) == (word, expected)
    name, crossentropy = metrics.resolve("ce", losses.get(loss), outputs, targets)
    assert name == "ce"
    assert type(crossentropy).__name__ == type(expected).__name__.replace("Accuracy", "Crossentropy")


def test_names_in_the_history():
    """Row 139."""

    def distance(y_true, y_pred):
        return abs(y_true - y_pred)

    given = ["mse", "huber", metrics.MeanSquaredError(), metrics.AUC, metrics.Precision(name="sure"), distance]
    given += [losses.Huber(2.0), losses.mean_squared_error]
    names = ["mse", "huber", "mean_squared_error", "auc", "sure", "distance", "huber", "mean_squared_error"]
    assert [metrics.resolve(one, losses.get("mse"), 1)[0] for one in given] == names
    y, p = NUMBERS
    np.testing.assert_allclose(metrics.get(distance)(y, p, WEIGHT), metrics.get("mae")(y, p, WEIGHT))
    np.testing.assert_allclose(metrics.get("huber")(y, p), losses.get("huber")(y, p), rtol=1e-6)


def test_what_is_no_metric():
    with pytest.raises(UnknownName, match='Did you mean "accuracy"'):
        metrics.get("acuracy")
    with pytest.raises(InvalidParameter, match="expects metric to be"):
        metrics.get(3)
    with pytest.raises(DataError, match="one-hot"):
        metrics.Precision()(LABELS, GUESSES, WEIGHT)
    with pytest.raises(InvalidParameter, match="whole number at least 2"):
        metrics.AUC(num_thresholds=1)
    with pytest.raises(UnknownName, match="F1Score average"):
        metrics.F1Score(average="marco")
