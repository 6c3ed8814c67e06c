"""The display of gradient flow."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from sklearn.datasets import load_iris

from lamina import MLPClassifier
from lamina.errors import DataError, UnknownName
from lamina.inspection import gradient_flow
from lamina.plotting import GradientFlowDisplay

NORMS = np.array([[1e-6, np.nan, 1e-3], [1e-5, np.nan, 1e-2]])
FLOW = SimpleNamespace(
    layers=["dense", "dropout", "dense_1"],
    epoch=np.arange(2),
    gradient_norm=NORMS,
    dead=np.array([[0.0, 0.0, 0.5], [0.1, 0.1, 0.6]]),
    activation_mean=np.array([[-1.0, 0.0, 0.5]] * 2),
    saturated=np.full((2, 3), np.nan),
)


def test_layers_without_weights_are_left_out():
    """Row 41."""
    display = GradientFlowDisplay.from_flow(FLOW)
    assert display.layers == ["dense", "dense_1"]
    np.testing.assert_array_equal(display.values, NORMS[:, [0, 2]])


def test_the_heat_map_and_the_lines_show_the_numbers():
    display = GradientFlowDisplay.from_flow(FLOW)
    assert display.plot(Figure().subplots(2, 1)) is display
    heat, lines = display.axes_
    (mesh,) = heat.collections
    np.testing.assert_array_equal(mesh.get_array(), NORMS[:, [0, 2]].T)
    assert isinstance(mesh.norm, LogNorm)
    assert [label.get_text() for label in heat.get_yticklabels()] == display.layers
    assert heat.yaxis_inverted()  # the first layer on top
    np.testing.assert_array_equal([line.get_ydata() for line in lines.lines], NORMS[:, [0, 2]].T)
    assert (lines.get_xlabel(), lines.get_ylabel(), lines.get_yscale()) == ("epoch", "gradient norm", "log")
    assert display.figure_.axes[-1].get_ylabel() == "gradient norm"  # of the colours
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize(("quantity", "ends"), [("dead", (0, 1)), ("activation_mean", (-1, 1))])
def test_shares_and_means_have_their_own_scales(quantity, ends):
    display = GradientFlowDisplay.from_flow(FLOW, quantity).plot(Figure().subplots(2, 1))
    (mesh,) = display.axes_[0].collections
    assert (mesh.norm.vmin, mesh.norm.vmax) == ends
    assert display.axes_[1].get_yscale() == "linear"


def test_a_few_layers_all_have_names():
    display = GradientFlowDisplay(list("abcde"), [0, 1], np.ones((2, 5))).plot(Figure().subplots(2, 1))
    assert [text.get_text() for text in display.axes_[1].get_legend().get_texts()] == list("abcde")


def test_many_layers_name_some():
    display = GradientFlowDisplay([str(i) for i in range(100)], [0, 1], np.ones((2, 100)))
    display.plot(Figure().subplots(2, 1))
    assert len(display.axes_[0].get_yticks()) == 20
    assert [text.get_text() for text in display.axes_[1].get_legend().get_texts()] == ["0", "49", "99"]


def test_from_estimator_measures_a_training():
    X, y = load_iris(return_X_y=True)
    model = MLPClassifier((5,), random_state=0)
    display = GradientFlowDisplay.from_estimator(model, X, y, "update_ratio", epochs=2)
    np.testing.assert_allclose(display.values, gradient_flow(model, X, y, epochs=2).update_ratio, rtol=1e-9)
    assert display.values.shape == (3, 2)
    assert not hasattr(model, "coefs_")


def test_mistakes():
    with pytest.raises(UnknownName, match='Did you mean "gradient_norm"'):
        GradientFlowDisplay.from_flow(FLOW, "gradient_nrom")
    with pytest.raises(UnknownName, match='Did you mean "dead"'):
        GradientFlowDisplay.from_estimator(None, None, None, "deda")  # before any training
    with pytest.raises(DataError, match="saturated is known of no layer"):
        GradientFlowDisplay.from_flow(FLOW, "saturated")
    with pytest.raises(DataError, match="Nothing was measured yet"):
        GradientFlowDisplay.from_flow(SimpleNamespace(layers=[], epoch=np.arange(0)))
