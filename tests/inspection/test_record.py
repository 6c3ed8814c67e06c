"""The record of a training, against numbers by hand."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.metrics import log_loss, r2_score
from sklearn.preprocessing import scale

from lamina import MLPClassifier, MLPRegressor, Sequential
from lamina.inspection import GradientFlow, record_of
from lamina.layers import Dense

IRIS = load_iris(return_X_y=True)
IRIS = scale(IRIS[0]), IRIS[1]
DIABETES = scale(load_diabetes().data), scale(load_diabetes().target)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def recorded(model, X, y, **fit):
    flow = GradientFlow(X, y, n_rows=8)
    model.fit(X[::2], y[::2], validation_data=(X[1::2], y[1::2]), callbacks=[flow], **fit)
    return record_of(model, X[::2], y[::2], (X[1::2], y[1::2]), flow)


def test_the_skill_of_a_regression_is_r2():
    """Squared errors: R², but against the mean of the training rows, of which there is an even share here."""
    X, y = DIABETES
    model = MLPRegressor(hidden_layer_sizes=(8,), max_iter=10, random_state=0)
    record = recorded(model, X, y)
    np.testing.assert_allclose(record.train_skill, r2_score(y[::2], model.predict(X[::2])), rtol=1e-6)
    np.testing.assert_allclose(record.val_curve[-1], record.val_skill, rtol=1e-6)
    assert not record.classes
    assert not record.diverged


def test_the_skill_of_a_classification_is_that_of_its_log_loss():
    """McFadden's pseudo-R²: against the shares of the classes."""
    X, y = IRIS
    model = MLPClassifier((8,), max_iter=10, random_state=0)
    record = recorded(model, X, y)
    expected = 1 - log_loss(y[::2], model.predict_proba(X[::2])) / np.log(3)
    np.testing.assert_allclose(record.train_skill, expected, rtol=1e-6)
    assert record.n_classes == 3
    np.testing.assert_array_equal(record.labels(record.rows), y[::2])
    np.testing.assert_allclose(record.probabilities(record.valid), model.predict_proba(X[1::2]), rtol=1e-6)


def test_a_model_with_class_numbers():
    X, y = IRIS
    model = Sequential([Dense(8, "relu", input_shape=(4,)), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    record = recorded(model, X, y, epochs=3, verbose=0, batch_size=25)
    np.testing.assert_allclose(record.baseline, np.log(3), rtol=1e-6)
    np.testing.assert_allclose(record.loss_on(record.valid), log_loss(y[1::2], model.predict(X[1::2])), rtol=1e-5)
    assert (record.steps_per_epoch, record.epochs, record.planned_epochs) == (3, 3, 3)


def test_a_learning_rate_that_was_found():
    X, y = IRIS
    record = recorded(MLPClassifier((4,), max_iter=2, learning_rate_init="find", random_state=0), X, y)
    assert record.settings["learning_rate_init"] == record.model.learning_rate_init_ > 0


def test_folds_hold_every_class():
    X, y = IRIS
    record = recorded(MLPClassifier((4,), max_iter=1), X, y)
    folds = record.folds(3)
    labels = record.labels(record.rows)
    counts = [np.bincount(labels[folds == fold], minlength=3) for fold in range(3)]
    assert np.ptp(counts) <= 1
    X_some, y_some = record.some_rows(folds != 0)
    np.testing.assert_array_equal(y_some, y[::2][folds != 0])
    assert len(X_some) == len(y_some)
