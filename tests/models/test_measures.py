"""What models of the Keras door measure, by hand from their predictions."""

import numpy as np
import pytest

from tests.models.networks import CLASSES, WEIGHTS, X, classifier

pytestmark = pytest.mark.usefixtures("seeded")


def test_results_of_evaluate_and_of_batches():
    """Row 139: by hand from the predictions; 1e-5: float32."""
    model = classifier()
    p = model.predict(X)
    loss, accuracy = -np.log(p[np.arange(150), CLASSES]), p.argmax(axis=1) == CLASSES
    assert p.shape == (150, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(model.predict_on_batch(X), p)
    np.testing.assert_allclose(model(X), p, rtol=1e-5)
    np.testing.assert_allclose(model.evaluate(X, CLASSES), [loss.mean(), accuracy.mean()], rtol=1e-5)
    weighted = model.evaluate(X, CLASSES, sample_weight=WEIGHTS, return_dict=True)
    # Keras: a sum of weighted losses over the number of rows, without a division by the weights
    np.testing.assert_allclose(weighted["loss"], (loss * WEIGHTS).mean(), rtol=1e-5)
    batch = model.test_on_batch(X, CLASSES, return_dict=True)
    np.testing.assert_allclose(list(batch.values()), [loss.mean(), accuracy.mean()], rtol=1e-5)
    trained = model.train_on_batch(X, CLASSES, return_dict=True)  # measured before the step
    assert list(trained) == ["loss", "accuracy"]
    np.testing.assert_allclose(trained["loss"], loss.mean(), rtol=1e-5)
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert isinstance(model.evaluate(X, CLASSES), float)
