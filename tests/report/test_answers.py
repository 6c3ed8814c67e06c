"""Models of the Keras door, asked as estimators are."""

import numpy as np
import pytest
from scipy.special import entr, expit, softmax

import lamina as keras
from lamina.errors import InvalidParameter
from lamina.layers import Dense, Dropout, Reshape
from lamina.report.answers import answers_of

X = np.random.RandomState(0).randn(20, 4).astype(np.float32)


def model_of(*last, loss, rate=0.0):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), Dropout(rate), *last])
    model.compile(loss=loss)
    return model


@pytest.mark.parametrize(
    ("last", "loss"),
    [
        (Dense(3, "softmax"), "sparse_categorical_crossentropy"),
        (Dense(3), keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
    ],
)
def test_classes(last, loss):
    model = model_of(last, loss=loss)
    asked, y = answers_of(model, np.arange(20)[:, None] % 3)
    assert (asked.classes_.tolist(), y.tolist()) == ([0, 1, 2], [k % 3 for k in range(20)])
    outputs = model.predict(X)
    expected = softmax(outputs, axis=1) if model.loss.from_logits else outputs
    np.testing.assert_allclose(asked.predict_proba(X), expected, rtol=1e-5)  # float32


def test_classes_as_columns_of_zeros_and_ones():
    model = model_of(Dense(3, "softmax"), loss="categorical_crossentropy")
    assert answers_of(model, np.eye(3)[[2, 0, 1]])[1].tolist() == [2, 0, 1]


def test_two_classes_of_one_output():
    model = model_of(Dense(1, "sigmoid"), loss="binary_crossentropy", rate=0.5)
    asked, y = answers_of(model, np.array([[0.0], [1.0]]))
    p = model.predict(X)[:, 0]
    assert (asked.classes_.tolist(), y.tolist()) == ([0, 1], [0, 1])
    np.testing.assert_allclose(asked.predict_proba(X), np.c_[1 - p, p])
    drawn = asked.predict_uncertainty(X, 10)
    mean = drawn.mean[:, 0]
    np.testing.assert_allclose(drawn.entropy, entr(mean) + entr(1 - mean), rtol=1e-5)  # float32


def test_labels():
    model = model_of(Dense(2), loss=keras.losses.BinaryCrossentropy(from_logits=True))
    asked, _ = answers_of(model, np.zeros((20, 2)))
    p = expit(model.predict(X))
    np.testing.assert_allclose(asked.predict_proba(X), p, rtol=1e-5)  # float32
    assert asked.predict(X).tolist() == (p > 0.5).astype(int).tolist()


@pytest.mark.parametrize("width", [1, 2])
def test_numbers(width):
    model = model_of(Dense(width), loss="mse")
    asked, y = answers_of(model, np.zeros((20, width)))
    assert asked.predict(X).shape == y.shape == ((20,) if width == 1 else (20, 2))
    assert not hasattr(asked, "predict_proba")


def test_outputs_of_more_axes_are_refused():
    with pytest.raises(InvalidParameter, match=r"puts out \(2, 1\) numbers per row"):
        answers_of(model_of(Dense(2), Reshape((2, 1)), loss="mse"), np.zeros((20, 2, 1)))
