"""Every loss against Keras', value and derivative, and losses by name."""

import os

import jax
import numpy as np
import pytest

from lamina import losses
from lamina.errors import DataError, InvalidParameter, UnknownName

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")

RNG = np.random.RandomState(0)
ROWS, OUTPUTS = 40, 5


def shares(*shape):
    """Rows of probabilities, none of them small."""
    values = RNG.rand(*shape) + 0.1
    return (values / values.sum(axis=-1, keepdims=True)).astype(np.float32)


def normal(*shape):
    return RNG.randn(*shape).astype(np.float32)


LABELS = RNG.randint(0, OUTPUTS, ROWS)
ONE_HOT = np.eye(OUTPUTS, dtype=np.float32)[LABELS]
BITS = (RNG.rand(ROWS, OUTPUTS) > 0.5).astype(np.float32)
CHANCES = RNG.uniform(0.05, 0.95, (ROWS, OUTPUTS)).astype(np.float32)
NUMBERS = (normal(ROWS, OUTPUTS), normal(ROWS, OUTPUTS))
POSITIVE = (RNG.uniform(0.5, 3, (ROWS, OUTPUTS)).astype(np.float32), RNG.uniform(0.5, 3, (ROWS, OUTPUTS)))
COUNTS = (RNG.poisson(2.0, (ROWS, OUTPUTS)).astype(np.float32), POSITIVE[1].astype(np.float32))
LOGITS = 3 * normal(ROWS, OUTPUTS)

# name, parameters, (targets, outputs)
CASES = [
    ("MeanSquaredError", {}, NUMBERS),
    ("MeanAbsoluteError", {}, NUMBERS),
    ("MeanAbsolutePercentageError", {}, (POSITIVE[0], NUMBERS[1])),
    ("MeanSquaredLogarithmicError", {}, (POSITIVE[0], POSITIVE[1].astype(np.float32))),
    ("Huber", {}, NUMBERS),
    ("Huber", {"delta": 0.3}, NUMBERS),
    ("LogCosh", {}, NUMBERS),
    ("Poisson", {}, COUNTS),
    ("KLDivergence", {}, (shares(ROWS, OUTPUTS), shares(ROWS, OUTPUTS))),
    ("Hinge", {}, (BITS, NUMBERS[1])),
    ("Hinge", {}, (2 * BITS - 1, NUMBERS[1])),
    ("SquaredHinge", {}, (2 * BITS - 1, NUMBERS[1])),
    ("CategoricalHinge", {}, (ONE_HOT, NUMBERS[1])),
    ("CosineSimilarity", {}, NUMBERS),
    ("BinaryCrossentropy", {}, (BITS, CHANCES)),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, (BITS, CHANCES)),
    ("BinaryCrossentropy", {"from_logits": True}, (BITS, LOGITS)),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, (BITS, LOGITS)),
    ("CategoricalCrossentropy", {}, (ONE_HOT, shares(ROWS, OUTPUTS))),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, (ONE_HOT, CHANCES)),
    ("CategoricalCrossentropy", {"from_logits": True}, (ONE_HOT, LOGITS)),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, (ONE_HOT, LOGITS)),
    ("SparseCategoricalCrossentropy", {}, (LABELS, shares(ROWS, OUTPUTS))),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, (LABELS, LOGITS)),
    ("BinaryFocalCrossentropy", {}, (BITS, CHANCES)),
    ("BinaryFocalCrossentropy", {"from_logits": True, "gamma": 1.5}, (BITS, LOGITS / 4)),  # Keras rounds large ones
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "label_smoothing": 0.1}, (BITS, CHANCES)),
    ("CategoricalGeneralizedCrossEntropy", {}, (LABELS, shares(ROWS, OUTPUTS))),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.1}, (LABELS, shares(ROWS, OUTPUTS))),
    ("CategoricalFocalCrossentropy", {}, (ONE_HOT, CHANCES)),
    ("CategoricalFocalCrossentropy", {"alpha": 0.5, "gamma": 1.5, "label_smoothing": 0.1}, (ONE_HOT, CHANCES)),
    ("CategoricalFocalCrossentropy", {"from_logits": True}, (ONE_HOT, LOGITS / 4)),  # Keras rounds large ones
]
NAMES = [f"{name}-{'-'.join(parameters)}" for name, parameters, _ in CASES]


@pytest.mark.parametrize(("name", "parameters", "data"), CASES, ids=NAMES)
def test_values_and_derivatives_equal_keras(name, parameters, data):
    """float32: a value is a sum of 5 terms of size 1, whose rounding is about 3e-7; log(cosh) takes two near numbers
    from each other, which leaves 1e-7 absolute."""
    y, p = data
    ours = getattr(losses, name)(**parameters)
    theirs = getattr(keras.losses, name)(**parameters, reduction=None)
    np.testing.assert_allclose(ours.per_row(y, p), theirs(y, p), rtol=1e-6, atol=3e-7)
    slopes = jax.grad(lambda z: ours.per_row(y, z).sum())(p)
    expected = jax.grad(lambda z: theirs(y, z).sum())(p)
    np.testing.assert_allclose(slopes, expected, rtol=2e-6, atol=3e-7 * np.abs(expected).max())


def test_every_loss_of_keras_was_compared():
    every = {losses.LOSS_CLASSES[name].__name__ for name in NAMED}
    assert {name for name, _, _ in CASES} == every - {"Quantile", "GaussianNLL"}


NAMED = list(losses.LOSS_CLASSES)


@pytest.mark.parametrize("name", NAMED)
def test_every_name_is_a_loss_or_a_function(name):
    found = getattr(losses, name)
    assert losses.get(found) == losses.get(name)
    assert isinstance(losses.get(name), losses.LOSS_CLASSES[name])


def test_losses_of_keras_that_are_missing():
    """Of boxes and masks, of sequences, and of embeddings: nothing for dense outputs."""
    kinds = {name for name in dir(keras.losses) if isinstance(getattr(keras.losses, name), type)}
    assert {name for name in kinds if not hasattr(losses, name)} == {"CTC", "Circle", "Dice", "Tversky"}


def test_images_and_single_outputs():
    """More axes are averaged; (n,) and (n, 1) are the same targets."""
    y, p = RNG.rand(6, 4, 3).astype(np.float32), RNG.rand(6, 4, 3).astype(np.float32)
    for name in ("mse", "binary_crossentropy"):
        np.testing.assert_allclose(losses.get(name)(y, p), keras.losses.get(name)(y, p).mean(), rtol=1e-6)
    np.testing.assert_array_equal(losses.get("mae").per_row(y[:, 0, 0], p[:, 0, :1]), abs(y - p)[:, 0, 0])
    np.testing.assert_array_equal(losses.mse(y, p).shape, (6, 4))


def test_weights_as_in_keras():
    y, p = NUMBERS
    weight = RNG.rand(ROWS)
    expected = keras.losses.Huber()(y, p, sample_weight=weight)
    np.testing.assert_allclose(losses.Huber()(y, p, weight), expected, rtol=1e-6)


def test_functions_of_ones_own():
    def elementwise(y_true, y_pred):
        return jax.numpy.square(y_true - y_pred)

    def of_the_batch(y_true, y_pred):
        return jax.numpy.mean(jax.numpy.square(y_true - y_pred))

    expected = losses.get("mse").per_row(*NUMBERS)
    for function in (elementwise, of_the_batch):
        np.testing.assert_allclose(losses.get(function).per_row(*NUMBERS), expected, rtol=1e-6)
        assert losses.get(function) == losses.get(function)
        assert losses.get(function).name == function.__name__


def test_what_is_no_loss():
    with pytest.raises(UnknownName, match='Did you mean "huber"'):
        losses.get("hubber")
    with pytest.raises(InvalidParameter, match="expects loss to be"):
        losses.get(3)
    with pytest.raises(AttributeError):
        losses.nothing  # noqa: B018
    with pytest.raises(DataError, match=r"\(40,\).*\(40, 5\).*sparse"):
        losses.get("categorical_crossentropy").per_row(LABELS, LOGITS)
