"""Rows that a model of the Keras door refuses before any work."""

import numpy as np
import pytest

from lamina.errors import DataError
from tests.models.networks import CLASSES, X, classifier

pytestmark = pytest.mark.usefixtures("seeded")


@pytest.mark.parametrize(
    ("x", "y", "extra", "says"),
    [
        (X[:, :3], CLASSES, {}, r"takes rows of shape \(4,\).*shape \(3,\)"),
        (X[:, 0], CLASSES, {}, r"an axis of rows and one of columns.*a single column x\[:, None\]"),
        (X, None, {}, "targets are missing"),
        (iter([X]), CLASSES, {}, "takes arrays. Received an object of type list_iterator. Collect the batches"),
        (X, CLASSES[:10], {}, "150 rows but 10 targets"),
        (X, CLASSES, {"sample_weight": np.ones(3)}, "150 rows but 3 sample weights"),
        (
            X,
            CLASSES + 1,
            {},
            "SparseCategoricalCrossentropy expects class numbers from 0 to 2 for 3 outputs.*from 1 to 3",
        ),
        (X, CLASSES - 1, {}, "class numbers from 0 to 2"),
        (X, CLASSES + 0.5, {}, "class numbers from 0 to 2"),
        (X.astype(str), CLASSES, {}, "inputs must be numbers"),
        (X, CLASSES.astype(str), {}, "targets must be numbers"),
        (np.where(X > 2, np.nan, X), CLASSES, {}, "NaN"),
        (X, np.where(CLASSES > 1, np.nan, CLASSES), {}, "targets hold NaN"),
        (X, CLASSES, {"validation_split": 0.999}, "nothing to train or to validate on"),
        (X, CLASSES, {"validation_data": (X[:, :2], CLASSES)}, "takes rows of shape"),
        (X, CLASSES, {"validation_data": (X, CLASSES + 1)}, "class numbers from 0 to 2"),
        (X, CLASSES, {"validation_data": (X, CLASSES, None, None)}, r"\(x, y, sample_weight\). Received 4 parts"),
        (X, np.eye(3)[CLASSES], {}, "one class number per row.*categorical_crossentropy"),
        (X, CLASSES, {"sample_weight": np.full(150, np.nan)}, "sample weights hold NaN"),
    ],
)
def test_rows_that_cannot_be_trained_on(x, y, extra, says):
    """Nothing is trained before the error."""
    model = classifier()
    before = model.get_weights()
    with pytest.raises(DataError, match=says):
        model.fit(x, y, verbose=0, **extra)
    for ours, weights in zip(model.get_weights(), before):
        np.testing.assert_array_equal(ours, weights)
