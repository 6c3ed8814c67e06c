"""What displays that need an estimator say to a model that is none."""

import numpy as np
import pytest

from lamina import MLPClassifier, Sequential
from lamina.errors import InvalidParameter
from lamina.layers import Dense
from lamina.plotting import (
    ClassificationReportDisplay,
    ConfusionMatrixDisplay,
    EpochCurveDisplay,
    LearningCurveDisplay,
    ValidationCurveDisplay,
)
from lamina.plotting.estimators import check_estimator


@pytest.mark.parametrize(
    ("display", "instead"),
    [
        (ClassificationReportDisplay, r"ClassificationReportDisplay.from_predictions\(y, model.predict"),
        (ConfusionMatrixDisplay, r"ConfusionMatrixDisplay.from_predictions\(y, model.predict"),
        (EpochCurveDisplay, "clone_model.*lamina.search.EpochCurve"),
        (LearningCurveDisplay, r"clone_model.*LearningCurveDisplay\(train_sizes"),
        (ValidationCurveDisplay, r"clone_model.*ValidationCurveDisplay\(param_name"),
    ],
)
def test_a_model_of_the_keras_door_is_told_what_to_do(display, instead):
    model = Sequential([Dense(1, input_shape=(2,))])
    with pytest.raises(InvalidParameter, match=rf"{display.__name__}.from_estimator got .* type Sequential.*{instead}"):
        display.from_estimator(model, np.zeros((4, 2)), [0, 1, 0, 1])


def test_estimators_pass():
    check_estimator(EpochCurveDisplay, MLPClassifier(), "")
