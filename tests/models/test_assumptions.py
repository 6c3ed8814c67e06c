"""Warnings of broken assumptions, and none where all is well."""

import re
import warnings

import numpy as np
import pytest

import lamina as keras
from lamina import MLPClassifier, presets
from lamina.layers import (
    SELU,
    Activation,
    AlphaDropout,
    BatchNormalization,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    MCDropout,
    Normalization,
    Residual,
)
from lamina.models.assumptions import broken_assumptions

RNG = np.random.RandomState(0)
STANDARD = RNG.randn(5000, 6)
PIXELS = RNG.beta(0.5, 1.0, (400, 4, 4))
DUMMIES = np.c_[STANDARD[:, :2], RNG.rand(5000, 8) < 0.1, np.ones((5000, 2)) * 7]
DROPOUT, STANDARDISE = "Use AlphaDropout", "Standardise the inputs"
BATCH_NORMALIZATION, INITIALIZER = "batch normalisation undoes that", "LeCun's normal initialisation only"


def selu(**changes):
    return Dense(4, "selu", **{"kernel_initializer": "lecun_normal"} | changes)


def bare(**changes):
    return selu(**changes | {"activation": None})


LAST = Dense(1)


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ([selu(), BatchNormalization(), LAST], BATCH_NORMALIZATION),
        ([Dense(4), BatchNormalization(), Activation("selu"), LAST], BATCH_NORMALIZATION),
        ([selu(), Dropout(0.1), LAST], DROPOUT),
        ([Dropout(0.1), selu(), LAST], DROPOUT),
        ([Dense(4), SELU(), MCDropout(0.1), LAST], DROPOUT),
        ([Residual([selu(), Dropout(0.1), Dense(6)]), LAST], DROPOUT),
        ([selu(kernel_initializer="he_normal"), LAST], INITIALIZER),
        ([Dense(4, kernel_initializer="he_normal"), Activation("selu"), LAST], INITIALIZER),
        ([Dense(4, bias_regularizer="l2"), LAST], "bias_regularizer draws biases to 0"),
        ([Dense(4, "relu"), Residual([Dense(4, bias_regularizer="l1")])], "bias_regularizer draws biases to 0"),
    ],
)
def test_combinations_that_warn(layers, says):
    """Rows 37, 38: one sentence each."""
    (sentence,) = broken_assumptions(layers, STANDARD, 32)
    assert says in sentence


@pytest.mark.parametrize(
    "layers",
    [
        [selu(), AlphaDropout(0.1), selu(kernel_initializer="auto"), LAST],
        [selu(kernel_initializer="glorot_uniform"), LAST],  # Keras' default, the same variance in even widths
        [selu(), AlphaDropout(0.1), Dense(4, "relu"), Dropout(0.1), LAST],
        [Dense(4, "relu", kernel_regularizer="l2"), BatchNormalization(), Dropout(0.2), LAST],
        [Dense(4, "relu"), Dense(4, "selu", kernel_initializer="he_normal")],  # no hidden layer
    ],
)
def test_combinations_that_are_well(layers):
    assert broken_assumptions(layers, STANDARD, 32) == []


def test_batch_normalisation_wants_a_batch():
    """Row 31: of rows, not of places within a row; a frozen one has its statistics."""
    says = "a single row has no variance"
    frozen, places = BatchNormalization(trainable=False), BatchNormalization()
    places.build((28, 28))
    for layer, expected in ((BatchNormalization(), [says]), (frozen, []), (places, [])):
        found = broken_assumptions([Dense(4, "relu"), layer], None, 1)
        assert [says in sentence for sentence in found] == [True] * len(expected)
    assert broken_assumptions([BatchNormalization()], None, 2) == []


# -- the inputs of SELU ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (PIXELS, "mean 0.3. and deviation 0.3."),
        (STANDARD + 2, "mean 2 and deviation 1"),
        (STANDARD * 20, r"Column \d of the inputs has mean -?0\.\d+ and deviation 20"),
        (STANDARD * 0.01, "deviation 0.01 "),
        (RNG.rand(500, 3), r"mean 0\.\d+ and deviation 0\.29"),
        (STANDARD * [1, 1, 1, 1, 1, 50_000], "Column 5 of the inputs has mean"),
        (np.c_[DUMMIES, 2000 + STANDARD[:, 0]], "Column 12 of the inputs has mean 2e"),
    ],
)
def test_inputs_that_are_not_standardised(x, says):
    """Row 38."""
    (sentence,) = broken_assumptions([Flatten(), selu(), LAST], x.astype(np.float32), 32)
    assert STANDARDISE in sentence
    assert re.search(says, sentence)


@pytest.mark.parametrize(
    "x",
    [
        STANDARD,
        DUMMIES,
        RNG.lognormal(0, 1, (3000, 4)) / 2.16 - 0.763,  # long tails, standardised
        (RNG.rand(500, 3) - 0.5) * 2,
        STANDARD[:10] + 5,  # too few to judge
        np.eye(50),
        np.r_[np.full((1, 3), 30.0), STANDARD[:4000, :3]],  # an outlier in the sample
    ],
)
def test_inputs_that_are_standard_enough(x):
    assert broken_assumptions([selu(), LAST], x, 32) == []


@pytest.mark.parametrize("first", [BatchNormalization(), Normalization(mean=3.0, variance=4.0), Embedding(5, 2)])
def test_inputs_are_left_to_a_first_layer_that_sees_to_them(first):
    assert broken_assumptions([Flatten(), first, selu(), LAST], PIXELS, 32) == []


# -- both doors -----------------------------------------------------------------------------------------------------


def test_models_warn_at_fit():
    model = presets.build("self_normalizing", (6,), (4,), 1)
    model.compile("sgd", "mse")
    x, y = STANDARD[:100], STANDARD[:100, 0]
    model.fit(x, y, verbose=0)
    with pytest.warns(UserWarning, match=STANDARDISE) as caught:
        model.fit(x + 2, y, verbose=0)
    assert caught[0].filename == __file__


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_estimators_warn_at_fit_and_not_at_parts():
    """Row 38: a part of the rows may be anything."""
    x, y = STANDARD[:100], STANDARD[:100, 0] > 0
    net = MLPClassifier((4,), **presets.self_normalizing() | {"max_iter": 1, "dropout": 0.1, "input_dropout": 0.1})
    net.fit(x, y)
    with pytest.warns(UserWarning, match=STANDARDISE) as caught:
        net.fit(x + 2, y)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.partial_fit(x + 2, y)
    assert [type(layer) for layer in net.model_.layers if isinstance(layer, Dropout)] == [AlphaDropout] * 2


def test_a_program_with_selu_and_a_scaler_as_first_layer():
    model = keras.Sequential([keras.layers.BatchNormalization(input_shape=(4, 4)), Flatten(), selu(), LAST])
    model.compile("sgd", "mse")
    model.fit(PIXELS[:64], np.ones(64), verbose=0)
