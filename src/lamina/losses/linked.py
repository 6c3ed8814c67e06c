"""A loss of probabilities, taken before the activation that makes them."""

from __future__ import annotations

from lamina.activations import Activation, get_activation
from lamina.losses.base import Loss
from lamina.losses.crossentropy import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    SparseCategoricalCrossentropy,
)
from lamina.losses.margin import CategoricalHinge, Hinge, SquaredHinge

#: the activation whose probabilities a loss was made for
ACTIVATION_OF: dict[type[Loss], str] = {
    BinaryCrossentropy: "sigmoid",
    BinaryFocalCrossentropy: "sigmoid",
    CategoricalCrossentropy: "softmax",
    CategoricalFocalCrossentropy: "softmax",
    SparseCategoricalCrossentropy: "softmax",
}
#: losses of margins, which lie before the activation
MARGINS = (CategoricalHinge, Hinge, SquaredHinge)


class Linked(Loss):
    """A loss of the output before the activation `link`, which predictions go through.

    Parameters
    ----------
    loss : Loss
        The loss of that output.
    link : str
        Name of the activation.
    """

    def __init__(self, loss: Loss, link: str) -> None:
        super().__init__(name=loss.name)
        self.loss = loss
        self.link = link

    def hyper(self):
        return self.loss.hyper()

    def at(self, values):
        return type(self)(self.loss.at(values), self.link)

    def values(self, y_true, y_pred):
        return self.loss.values(y_true, y_pred)


class OfPredictions(Linked):
    """A loss of predictions, taken of the output before the activation `link` that makes them.

    Parameters
    ----------
    loss : Loss
        The loss of predictions.
    link : str
        Name of the activation.
    """

    def values(self, y_true, y_pred):
        return self.loss.values(y_true, get_activation(self.link)(y_pred))


def with_link(loss: Loss, activation: str | Activation | None) -> Loss:
    """The same loss of the output before `activation`, if it is one of probabilities that `activation` makes.

    The value is computed from log-probabilities, so that none vanishes, and its derivative is ``activation(z) - y``.
    Any other loss comes back as it is: then the activation stays a part of the network.

    Parameters
    ----------
    loss : Loss
        A loss of the network's output.
    activation : str, callable or None
        The activation of the last layer.

    Returns
    -------
    loss : Loss
        With `link` set to the activation if it is no longer a part of the network.

    Examples
    --------
    >>> with_link(SparseCategoricalCrossentropy(), "softmax").link
    'softmax'
    >>> with_link(SparseCategoricalCrossentropy(), "relu")
    SparseCategoricalCrossentropy()
    """
    wanted = ACTIVATION_OF.get(type(loss))
    if wanted is None or activation is None or get_activation(activation) is not get_activation(wanted):
        return loss
    config = loss.get_config()
    if config["from_logits"]:
        return loss
    return Linked(type(loss).from_config({**config, "from_logits": True}), wanted)


def of_output(loss: Loss, activation: str) -> Loss:
    """The loss of a network's output, if all predictions of that network go through `activation`.

    Parameters
    ----------
    loss : Loss
        A loss of predictions; or one of margins, which are the output itself; or one with a link of its own.
    activation : str
        Name of the activation.

    Returns
    -------
    loss : Loss
        Its `link` is the activation.

    Examples
    --------
    >>> import numpy as np
    >>> from lamina.losses import MeanSquaredError
    >>> float(of_output(MeanSquaredError(), "logistic").per_row(np.ones((1, 1)), np.zeros((1, 1)))[0])
    0.25
    """
    linked = with_link(loss, activation)
    if linked is not loss or loss.link != "identity":
        return linked
    return Linked(loss, activation) if isinstance(loss, MARGINS) else OfPredictions(loss, activation)
