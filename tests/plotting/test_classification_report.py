"""The classification report against scikit-learn's."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from sklearn.dummy import DummyClassifier
from sklearn.metrics import classification_report

from lamina.errors import DataError
from lamina.plotting import ClassificationReportDisplay

TRUE = np.array(["a", "a", "a", "b", "b", "c"])
PREDICTED = np.array(["a", "b", "a", "b", "b", "b"])  # nothing is taken for "c"


def test_numbers():
    display = ClassificationReportDisplay.from_predictions(TRUE, PREDICTED)
    report = classification_report(TRUE, PREDICTED, output_dict=True, zero_division=0)
    for name in ("precision", "recall", "f1", "support"):
        key = {"f1": "f1-score"}.get(name, name)
        np.testing.assert_allclose(getattr(display, name), [report[label][key] for label in "abc"], err_msg=name)
    assert display.classes.tolist() == ["a", "b", "c"]


def test_of_a_classifier_with_weights_and_labels_side_by_side():
    y = np.array([[1, 0], [1, 1], [0, 1]])
    clf = DummyClassifier(strategy="most_frequent").fit(y, y)
    display = ClassificationReportDisplay.from_estimator(
        clf, y, y, sample_weight=[1, 1, 2], display_labels=["red", "round"]
    )
    np.testing.assert_allclose(display.precision, [2 / 4, 3 / 4])
    assert display.support.tolist() == [2, 3]
    assert display.classes.tolist() == ["red", "round"]


def test_picture():
    figure = Figure()
    display = ClassificationReportDisplay.from_predictions(TRUE, PREDICTED)
    assert display.plot(figure.subplots()) is display
    axes = display.axes_[0]
    for line, numbers in zip(axes.lines, (display.precision, display.recall, display.f1), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), numbers)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("share", "class")
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b", "c"]
    assert [text.get_text() for text in axes.child_axes[0].get_yticklabels()] == ["3", "2", "1"]
    assert len({line.get_marker() for line in axes.lines}) == 3  # told apart without colours
    assert not pyplot.get_fignums()


def test_many_classes_have_a_line_each():
    few = ClassificationReportDisplay.from_predictions(range(3), range(3))
    many = ClassificationReportDisplay.from_predictions(range(60), range(60))
    assert (many.size[1] - few.size[1]) / 57 > 0.2  # inches, of which a line of 10 points takes 0.14


def test_names_that_do_not_fit():
    with pytest.raises(DataError, match="2 display_labels for 3 classes"):
        ClassificationReportDisplay.from_predictions(TRUE, PREDICTED, display_labels=["a", "b"])
