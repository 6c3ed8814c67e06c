"""The display of hidden layers' outputs."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from sklearn.exceptions import NotFittedError

from lamina import MLPClassifier
from lamina.errors import DataError
from lamina.layers import BatchNormalization, Dense, Dropout, Flatten
from lamina.models import Sequential
from lamina.plotting import ActivationHistogramDisplay

RNG = np.random.RandomState(0)
X, Y = RNG.normal(size=(60, 4)), RNG.randint(3, size=60)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def fitted():
    return MLPClassifier((6, 5), activation="tanh", dropout=0.2, max_iter=2, random_state=0).fit(X, Y)


def test_an_estimators_hidden_layers_against_numpy(fitted):
    """Row 22: dropout, which does nothing in a prediction, has no histogram."""
    display = ActivationHistogramDisplay.from_estimator(fitted, X, bins=7)
    assert display.layers == ["dense", "dense_1"]
    hidden = [X]
    for kernel, bias in zip(fitted.coefs_[:-1], fitted.intercepts_[:-1]):
        hidden.append(np.tanh(hidden[-1] @ kernel + bias))
    # 1e-5: the layers' own products, one by one, are in single precision
    np.testing.assert_allclose(display.mean, [h.mean() for h in hidden[1:]], atol=1e-5)
    np.testing.assert_allclose(display.std, [h.std() for h in hidden[1:]], atol=1e-5)
    np.testing.assert_allclose(display.edges[:, 0], [h.min() for h in hidden[1:]], atol=1e-5)
    np.testing.assert_allclose((display.density * np.diff(display.edges)).sum(axis=1), 1)


def test_a_models_hidden_layers():
    model = Sequential(
        [Flatten(input_shape=(2, 2)), Dense(3), BatchNormalization(), Dropout(0.5), Dense(2, "relu"), Dense(1)]
    )
    model.layers[2].set_weights([np.ones(3), np.ones(3), np.zeros(3), np.ones(3)])  # adds 1
    display = ActivationHistogramDisplay.from_estimator(model, X.reshape(-1, 2, 2))
    assert display.layers == ["dense", "batch_normalization", "dense_1"]
    np.testing.assert_allclose(display.mean[1], display.mean[0] / np.sqrt(1.001) + 1, rtol=1e-5)
    assert display.edges[2, 0] == 0


def test_the_picture_shows_the_numbers():
    figure = Figure()
    display = ActivationHistogramDisplay({"a": [0, 0, 1], "b": [1.0, 2.0, 4.0]}, bins=3)
    assert display.plot(figure.subplots(1, 2)) is display
    bars = display.axes_[1].patches[0].get_data()
    counts, edges = np.histogram([1.0, 2.0, 4.0], 3, density=True)
    np.testing.assert_allclose(bars.values, counts)
    np.testing.assert_allclose(bars.edges, edges)
    assert (display.axes_[0].get_xlabel(), display.axes_[0].get_ylabel()) == ("output", "density")
    assert display.axes_[0].get_title().startswith("a\nmean 0.33")
    assert pyplot.get_fignums() == []


def test_mistakes(fitted):
    with pytest.raises(NotFittedError):
        ActivationHistogramDisplay.from_estimator(MLPClassifier(), X)
    with pytest.raises(DataError, match="There is no hidden layer"):
        ActivationHistogramDisplay.from_estimator(Sequential([Dense(1, input_shape=(4,))]), X)
    with pytest.raises(DataError, match="layer dense are not finite"):
        ActivationHistogramDisplay({"dense": [1.0, np.inf]})
    with pytest.raises(ValueError, match="bins"):
        ActivationHistogramDisplay({"dense": [1.0]}, bins=0)
