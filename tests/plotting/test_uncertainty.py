"""Uncertainty: the numbers of `predict_uncertainty`, drawn."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from sklearn.datasets import load_iris

from lamina import MLPClassifier, MLPRegressor
from lamina.errors import DataError, InvalidParameter
from lamina.layers import Dense, Dropout
from lamina.models import Sequential
from lamina.plotting import UncertaintyDisplay
from lamina.utils import set_random_seed

X, Y = load_iris(return_X_y=True)
SMALL = {"hidden_layer_sizes": (8,), "dropout": 0.3, "random_state": 0, "max_iter": 3}
MEAN = np.array([[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]])
STD = np.array([[0.05, 0.2, 0.1], [0.2, 0.1, 0.3]])

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize(("y", "classes"), [(Y, [0, 1, 2]), (Y > 0, [False, True])], ids=["three", "two"])
def test_probabilities_of_a_classifier(y, classes):
    """Rows 105, 108."""
    clf = MLPClassifier(**SMALL).fit(X, y)
    display = UncertaintyDisplay.from_estimator(clf, X[:2], n_samples=20)
    expected = clf.predict_uncertainty(X[:2], n_samples=20)
    np.testing.assert_array_equal(display.mean, expected.mean)
    np.testing.assert_array_equal(display.std, expected.std)
    assert display.classes.tolist() == classes


def test_a_regression():
    """Row 105."""
    reg = MLPRegressor(**SMALL).fit(X, Y)
    display = UncertaintyDisplay.from_estimator(reg, X[::5], n_samples=20, shared_mask=True, truth=Y[::5])
    np.testing.assert_array_equal(display.mean, reg.predict_uncertainty(X[::5], 20, shared_mask=True).mean)
    assert display.classes is None
    axes = display.plot(Figure().subplots()).axes_[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("row", "prediction")
    np.testing.assert_array_equal(axes.containers[0].lines[0].get_ydata(), display.mean[:, 0])
    bars = axes.containers[0].lines[2][0].get_segments()
    np.testing.assert_allclose([np.ptp(bar[:, 1]) for bar in bars], 2 * display.std[:, 0], rtol=1e-6)


def test_a_model_of_the_other_door():
    """Row 105: outputs that sum to 1 are classes."""
    model = Sequential([Dense(8, input_shape=(4,)), Dropout(0.3), Dense(3, "softmax")])
    set_random_seed(1)
    display = UncertaintyDisplay.from_estimator(model, X[:2], display_labels=["a", "b", "c"])
    set_random_seed(1)
    np.testing.assert_array_equal(display.std, model.predict_uncertainty(X[:2]).std)
    assert display.classes.tolist() == ["a", "b", "c"]


def test_a_panel_for_every_row():
    figure = Figure()
    display = UncertaintyDisplay(MEAN, STD, ["cat", "dog", "emu"], truth=["dog", "cat"])
    assert display.plot(figure.subplots(1, 2)) is display
    for row, axes in enumerate(display.axes_):
        np.testing.assert_allclose([bar.get_width() for bar in axes.patches], MEAN[row])
        whiskers = axes.containers[0].lines[2][0].get_segments()
        np.testing.assert_allclose([np.ptp(whisker[:, 0]) for whisker in whiskers], 2 * STD[row])
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("probability", "class")
    assert [axes.get_title() for axes in display.axes_] == ["row 0", "row 1"]
    assert [text.get_text() for text in display.axes_[0].get_yticklabels()] == ["cat", "true: dog", "emu"]
    assert not pyplot.get_fignums()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((MEAN, STD[:1]), "deviations of shape"),
        ((MEAN[0], STD[0]), "n_rows, n_outputs"),
        ((MEAN, STD, ["a"]), "1 display_labels for 3 classes"),
        ((MEAN, STD, None, [1]), "1 true values for 2 rows"),
        ((MEAN, STD, ["a", "b", "c"], [0, 1]), r"true class .*0.*\. Expected one of a, b, c"),
    ],
)
def test_arrays_that_do_not_fit(arguments, says):
    with pytest.raises(DataError, match=says):
        UncertaintyDisplay(*arguments)


def test_what_cannot_be_shown():
    clf = MLPClassifier(**SMALL).fit(X, Y)
    with pytest.raises(DataError, match="at most 24: choose some"):
        UncertaintyDisplay.from_estimator(clf, X, n_samples=2)
    with pytest.raises(InvalidParameter, match="no dropout"):
        UncertaintyDisplay.from_estimator(clf.set_params(dropout=0), X[:2])
