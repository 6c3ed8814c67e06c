"""Settings that do not go together, in records of real, short trainings."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from lamina import MLPClassifier
from lamina.initializers import RandomNormal
from lamina.inspection import GradientFlow, record_of
from lamina.inspection.symptoms.settings import (
    batch_norm_small_batches,
    dropout_misleads,
    initializer_mismatch,
    selu_conditions_broken,
)

X, y = load_iris(return_X_y=True)
X = scale(X)

pytestmark = pytest.mark.filterwarnings("ignore")  # too few epochs, broken conditions


def training(epochs=2, **settings):
    flow = GradientFlow(X, y, n_rows=16)
    given = {"hidden_layer_sizes": (16, 16, 16), "random_state": 0, "batch_size": 50} | settings
    model = MLPClassifier(**given, max_iter=epochs)
    model.fit(X, y, validation_data=(X, y), callbacks=[flow])
    return record_of(model, X, y, (X, y), flow)


@pytest.mark.parametrize(("stddev", "found"), [(2.0, True), (0.01, True), (0.35, False)])
def test_initial_weights(stddev, found):
    """He's deviation for 16 inputs is sqrt(2 / 16) = 0.35."""
    findings = list(initializer_mismatch(training(kernel_initializer=RandomNormal(stddev=stddev))))
    assert bool(findings) == found
    if found:
        np.testing.assert_allclose(findings[0].evidence["ratio"], stddev / np.sqrt(2 / 16), rtol=0.3)  # of 256 draws


def test_the_defaults_fit():
    assert list(initializer_mismatch(training())) == []
    assert list(initializer_mismatch(training(activation="tanh"))) == []


def test_selu():
    """Row 38."""
    (finding,) = selu_conditions_broken(training(activation="selu", kernel_initializer="he_normal"))
    assert "LeCun" in finding.reason
    assert list(selu_conditions_broken(training(activation="selu", kernel_initializer="auto"))) == []


def test_batch_normalisation_of_few_rows():
    (finding,) = batch_norm_small_batches(training(normalization="batch", batch_size=3))
    assert finding.severity == "severe"
    assert finding.remedies[0].changes == {"batch_size": 64}
    assert list(batch_norm_small_batches(training(normalization="batch"))) == []
    assert list(batch_norm_small_batches(training(batch_size=3))) == []


def test_dropout_misleads():
    """Row 90: the loss with dropout on, without it, and on validation rows; here the last two are of the same rows."""
    record = training(epochs=20, dropout=0.4)
    clean = record.loss_on(record.rows)
    record.history["val_loss"][-1] = (clean + record.history["loss"][-1]) / 2
    (finding,) = dropout_misleads(record)
    np.testing.assert_allclose(finding.evidence["clean_loss"], clean)
    record.history["val_loss"][-1] = clean / 2
    assert list(dropout_misleads(record)) == []
