"""The confusion matrix against scikit-learn's."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from sklearn.dummy import DummyClassifier
from sklearn.metrics import confusion_matrix

from lamina.errors import DataError
from lamina.plotting import ConfusionMatrixDisplay

RNG = np.random.RandomState(0)
TRUE, PREDICTED = RNG.randint(4, size=100), RNG.randint(3, size=100)


@pytest.mark.parametrize("normalize", [None, "true", "pred", "all"])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_numbers(normalize):
    weight = RNG.rand(100)
    display = ConfusionMatrixDisplay.from_predictions(TRUE, PREDICTED, sample_weight=weight, normalize=normalize)
    expected = confusion_matrix(TRUE, PREDICTED, sample_weight=weight, normalize=normalize)
    np.testing.assert_array_equal(display.confusion_matrix, expected)
    assert display.display_labels.tolist() == [0, 1, 2, 3]


def test_of_a_classifier():
    clf = DummyClassifier(strategy="most_frequent").fit([[0]] * 3, ["a", "a", "b"])
    display = ConfusionMatrixDisplay.from_estimator(clf, [[0]] * 3, ["a", "b", "b"], display_labels=["ape", "bee"])
    assert display.confusion_matrix.tolist() == [[1, 0], [2, 0]]
    assert display.display_labels.tolist() == ["ape", "bee"]


def test_picture():
    display = ConfusionMatrixDisplay([[5, 0], [1, 20]], ["no", "$yes$"])
    assert display.plot(Figure().subplots()) is display
    axes = display.axes_[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "true class")
    assert [text.get_text() for text in axes.get_xticklabels()] == ["no", "$yes$"]
    assert [text.get_text() for text in axes.texts if text.get_visible()] == ["5", "1", "20"]
    assert not pyplot.get_fignums()


def test_numbers_stand_out_from_their_ground():
    """The contrast of WCAG 2.2 for large text, 3 to 1, in cells of every size."""
    display = ConfusionMatrixDisplay(np.arange(1, 401).reshape(20, 20), range(20)).plot(Figure().subplots())
    axes = display.axes_[0]
    image = axes.images[0]
    grounds = luminance(image.cmap(image.norm(display.confusion_matrix)).reshape(-1, 4)[:, :3])
    inks = luminance(np.array([to_rgb(text.get_color()) for text in axes.texts]))
    ratio = (np.maximum(grounds, inks) + 0.05) / (np.minimum(grounds, inks) + 0.05)
    assert ratio.min() > 3


def luminance(rgb):
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_many_classes_are_colours_with_names():
    display = ConfusionMatrixDisplay(np.eye(50), [f"class {k}" for k in range(50)]).plot(Figure().subplots())
    axes = display.axes_[0]
    assert not axes.texts
    assert len(axes.get_xticklabels()) == 50
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {90}


def test_names_that_do_not_fit():
    with pytest.raises(DataError, match="1 display_labels for 4 classes"):
        ConfusionMatrixDisplay.from_predictions(TRUE, PREDICTED, display_labels=["a"])
