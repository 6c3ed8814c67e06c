"""Pictures against stored ones: small, and without words, which versions of matplotlib set differently."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text

from lamina.plotting import (
    ActivationFunctionDisplay,
    GradientFlowDisplay,
    LossCurveDisplay,
)

PICTURES = Path(__file__).parent / "pictures"
#: root of the mean squared difference of colours from 0 to 255; between matplotlib 3.9 and 3.11 it is 0
TOLERANCE = 5

EPOCH = np.arange(1, 21)
HISTORY = {
    "epoch": EPOCH,
    "loss": 2 * 0.8**EPOCH,
    "val_loss": 2 * 0.8**EPOCH + 0.002 * EPOCH**2,
    "val_score": 1 - 0.8**EPOCH - 0.0005 * EPOCH**2,
    "learning_rate": 0.1 * 0.7**EPOCH,
}
NORMS = 10.0 ** (np.arange(5) - 5) * (1 + EPOCH[:, None] / 5)


def displays(history, norms, activations):
    """One of each kind, by the name of its picture."""
    return {
        "curves": LossCurveDisplay.from_history(history),
        "gradient_flow": GradientFlowDisplay([f"dense_{i}" for i in range(5)], EPOCH, norms),
        "activation_function": ActivationFunctionDisplay.from_activations(*activations),
    }


def draw(display, path):
    """Draw without words, on axes whose places depend on no word."""
    n_panels = len(display._panels())
    figure = Figure(figsize=(3 * n_panels, 3), dpi=40)
    display.plot(figure.subplots(1, n_panels))
    for axes in figure.axes:
        axes.get_legend() and axes.get_legend().remove()
    for text in figure.findobj(Text):
        text.set_visible(False)
    figure.savefig(path)


def difference(display, name, tmp_path):
    """From the stored picture; 0 within the tolerance."""
    draw(display, tmp_path / "now.png")
    if not (PICTURES / f"{name}.png").exists():
        draw(display, PICTURES / f"{name}.png")
        pytest.fail(f"There was no picture of {name}. It is there now: look at it.")
    found = compare_images(str(PICTURES / f"{name}.png"), str(tmp_path / "now.png"), TOLERANCE, in_decorator=True)
    return found["rms"] if found else 0


@pytest.mark.parametrize(
    ("name", "display"), displays(HISTORY, NORMS, ("relu", "tanh")).items(), ids=lambda value: str(value)[:20]
)
def test_pictures_stay_as_they_are(name, display, tmp_path):
    assert difference(display, name, tmp_path) == 0


@pytest.mark.parametrize(
    ("name", "display"),
    displays(HISTORY | {"loss": HISTORY["loss"][::-1]}, NORMS[:, ::-1], ("relu", "tanh", "elu", "gelu")).items(),
    ids=lambda value: str(value)[:20],
)
def test_other_pictures_are_told_apart(name, display, tmp_path):
    assert difference(display, name, tmp_path) > TOLERANCE
