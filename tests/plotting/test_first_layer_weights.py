"""The display of the first layer's weights."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from lamina import MLPClassifier
from lamina.errors import DataError, InvalidParameter
from lamina.layers import Dense, Flatten, LayerNormalization
from lamina.models import Sequential
from lamina.plotting import FirstLayerWeightsDisplay

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.RandomState(0)
    return MLPClassifier((5,), max_iter=1, random_state=0).fit(rng.normal(size=(30, 16)), rng.randint(2, size=30))


@pytest.mark.parametrize(("shape", "wanted"), [(None, (4, 4)), ((2, 8), (2, 8))])
def test_images_of_an_estimator(fitted, shape, wanted):
    images = FirstLayerWeightsDisplay.from_estimator(fitted, shape).images
    assert images.shape == (5, *wanted)
    np.testing.assert_array_equal(images[3].ravel(), fitted.coefs_[0][:, 3])


def test_a_model_knows_the_shape_of_its_images():
    model = Sequential([Flatten(input_shape=(2, 3)), Dense(4)])
    images = FirstLayerWeightsDisplay.from_estimator(model, max_units=3).images
    np.testing.assert_array_equal(images, model.layers[1].get_weights()[0].T[:3].reshape(3, 2, 3))


def test_the_picture_shows_the_weights():
    images = np.arange(1.0, 13.0).reshape(3, 2, 2)
    display = FirstLayerWeightsDisplay(images)
    assert display.plot(Figure().subplots()) is display
    (picture,) = display.axes_[0].images
    shown = np.ma.filled(picture.get_array(), np.nan)
    nan = np.nan
    wanted = [[1, 2, nan, 5, 6], [3, 4, nan, 7, 8], [nan] * 5, [9, 10, nan, nan, nan], [11, 12, nan, nan, nan]]
    np.testing.assert_array_equal(shown, wanted)
    assert picture.get_clim() == (-12, 12)
    assert display.figure_.axes[-1].get_ylabel() == "weight"
    assert pyplot.get_fignums() == []


def test_mistakes(fitted):
    with pytest.raises(InvalidParameter, match="16 inputs, which are no image of 3 by 5"):
        FirstLayerWeightsDisplay.from_estimator(fitted, (3, 5))
    with pytest.raises(InvalidParameter, match="6 inputs, which fill no square"):
        FirstLayerWeightsDisplay.from_estimator(Sequential([Dense(4, input_shape=(6,))]))
    with pytest.raises(DataError, match="not a dense one"):
        FirstLayerWeightsDisplay.from_estimator(Sequential([LayerNormalization(input_shape=(4,)), Dense(1)]))
