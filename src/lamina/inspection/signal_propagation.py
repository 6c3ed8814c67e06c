"""Signal propagation: do activations and gradients keep their size on their way through the layers, before training?"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np
from sklearn.base import clone, is_regressor

from lamina.checks import Number, check_value
from lamina.data.rows import check_rows
from lamina.engine.precision import precision
from lamina.errors import InvalidParameter
from lamina.inspection.subject import generator_of, no_network
from lamina.layers import Call, Embedding, Layer
from lamina.models import Sequential
from lamina.models.arrays import check_inputs
from lamina.neural_network.base import BaseMLP
from lamina.neural_network.inputs import dense_rows

#: deviations within this factor of each other count as kept: training copes with that, and nets of a few layers with a
#: suitable initialisation stay far below it, while a factor per layer, even of 0.7, passes it within seven layers
TOLERANCE = 10.0


@dataclass(frozen=True)
class SignalPropagation:
    """Means and deviations of what goes forward and backward through the layers, for one kind of inputs.

    Attributes
    ----------
    inputs : str
        What was put in: "standard-normal inputs" or "the given rows".
    layers : tuple of str
        Names of the layers.
    activation_mean, activation_std : ndarray of shape (n_layers,)
        Of the outputs of each layer, over rows and units.
    gradient_std : ndarray of shape (n_layers,)
        Of the gradients by the outputs of each layer, when a standard-normal one comes in at the last.
    hidden : ndarray of int
        Positions of the layers whose outputs other weights receive, after activation and normalisation: the deviations
        at these places are compared with each other.
    on_rows : SignalPropagation or None
        The same on the given rows.
    """

    inputs: str
    layers: tuple[str, ...]
    activation_mean: np.ndarray
    activation_std: np.ndarray
    gradient_std: np.ndarray
    hidden: np.ndarray
    on_rows: SignalPropagation | None = None

    @property
    def forward_ratio(self) -> np.ndarray:
        """The deviation of each layer's outputs over that of the first hidden ones."""
        return _over(self.activation_std, self.hidden[:1])

    @property
    def backward_ratio(self) -> np.ndarray:
        """The deviation of each layer's gradients over that of the last hidden ones."""
        return _over(self.gradient_std, self.hidden[-1:])

    @property
    def kept(self) -> bool:
        """Whether all hidden deviations, of outputs and of gradients, lie within a factor of 10; on rows too."""
        ways = (self.forward_ratio, self.backward_ratio)
        here = all(_spread(ratio[self.hidden]) <= TOLERANCE for ratio in ways)
        return here and (self.on_rows is None or self.on_rows.kept)

    @property
    def verdict(self) -> str:
        """In words, what becomes of the signals, and by how much."""
        if len(self.hidden) < 2:
            return f"With {self.inputs}: fewer than two hidden layers, so there is nothing to keep."
        forward, backward = self.forward_ratio[self.hidden], self.backward_ratio[self.hidden]
        words = (
            f"With {self.inputs}: activations {_fate(forward)} from the first to the last of {len(self.hidden)} hidden "
            f"layers, and gradients {_fate(backward[::-1])} on their way back (within a factor of {TOLERANCE:g} counts "
            "as kept)."
        )
        return words if self.on_rows is None else f"{words} {self.on_rows.verdict}"

    def to_dict(self) -> dict[str, list]:
        """Columns of a table with a line for each layer; ``pandas.DataFrame(found.to_dict())`` makes it one."""
        names = ("activation_mean", "activation_std", "gradient_std", "forward_ratio", "backward_ratio")
        is_hidden = np.isin(np.arange(len(self.layers)), self.hidden)
        table: dict[str, list] = {"layer": list(self.layers), "hidden": is_hidden.tolist()}
        return table | {name: getattr(self, name).tolist() for name in names}

    def __str__(self) -> str:
        return self.verdict


class _Stage(NamedTuple):
    """A layer with its weights and its noise."""

    name: str
    layer: Layer
    params: Any
    state: Any
    seed: np.ndarray | None
    hyper: dict[str, np.float64]


def signal_propagation(
    model: Any, X: Any = None, y: Any = None, *, n_features: int | None = None, n_rows: int = 128
) -> SignalPropagation:
    """Check before training whether the initial weights keep the size of signals, in both directions.

    Glorot & Bengio ask of initial weights that, for all layers i and k, ``Var[z_i] = Var[z_k]`` of the outputs, and
    ``Var[dL/dz_i] = Var[dL/dz_k]`` of the gradients: signals that shrink or grow by a factor per layer vanish or
    explode in deep nets. Standard-normal numbers go forward through the layers, with dropout on and with the statistics
    of the batch, and standard-normal gradients come back; then the same with the given rows. All is measured in
    float64, layer by layer; layers that are alike share one compiled function, so that 1,000 take seconds.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor or Sequential
        Of an estimator, fitted or not, the weights that `fit` would start from; of a built model, compiled or not, the
        weights that it has. Neither it nor its random state is changed.
    X : array-like of shape (n_samples, ...), optional
        Rows to check on as well, as `fit` gets them.
    y : array-like, optional
        Targets: of an estimator that is not fitted, they tell the number of outputs, which is else 1.
    n_features : int, optional
        The number of columns, for an estimator that is not fitted and without `X`.
    n_rows : int, default=128
        How many random rows, and how many of the given ones at most, from all over.

    Returns
    -------
    SignalPropagation

    Raises
    ------
    InvalidParameter
        If the number of columns is not known, or for other objects.
    DataError
        If the rows do not fit, or the model has no weights yet.

    References
    ----------
    Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward neural networks.

    Examples
    --------
    >>> from lamina import MLPClassifier
    >>> sigmoid = MLPClassifier((50,) * 20, activation="logistic", random_state=0)
    >>> signal_propagation(sigmoid, n_features=30).kept
    False
    >>> relu = MLPClassifier((50,) * 20, activation="relu", kernel_initializer="he_normal", random_state=0)
    >>> signal_propagation(relu, n_features=30).kept
    True
    """
    check_value("signal_propagation", "n_rows", n_rows, Number(1, whole=True))
    if isinstance(model, Sequential):
        shape, stages = _stages_of_model(model)
        rows = None if X is None else check_inputs(model, X)
    elif isinstance(model, BaseMLP):
        columns, n_outputs, rows = _size_of(model, X, y, n_features)
        shape, stages = (columns,), _stages_of_estimator(model, columns, n_outputs)
    else:
        raise no_network(model)
    on_rows = None
    if rows is not None:
        chosen = rows[np.linspace(0, len(rows) - 1, min(n_rows, len(rows))).astype(int)]
        on_rows = _measured("the given rows", stages, chosen)
    if isinstance(stages[0].layer, Embedding):
        if on_rows is None:
            raise InvalidParameter("The model begins with an Embedding, which takes whole numbers: give rows as X.")
        return on_rows
    normal = np.random.RandomState(0).standard_normal((n_rows, *shape))
    return _measured("standard-normal inputs", stages, normal, on_rows)


def _stages_of_model(model: Sequential) -> tuple[tuple[int, ...], list[_Stage]]:
    """The shape of a row, and the layers with the weights that they have."""
    params, state = model.open()
    assert model.input_shape is not None
    named = model.named_layers
    return model.input_shape, [_stage(i, *pair, params[pair[0]], state[pair[0]]) for i, pair in enumerate(named)]


def _size_of(estimator: BaseMLP, X: Any, y: Any, n_features: int | None) -> tuple[int, int, np.ndarray | None]:
    """Numbers of columns and outputs, and the rows if there are any."""
    estimator._check_parameters()
    n_outputs, rows = getattr(estimator, "n_outputs_", 1), None
    if X is not None:
        copy = clone(estimator)
        if y is None:
            rows = check_rows(copy, X, reset=True)
        else:
            rows, y = check_rows(copy, X, y, reset=True, y_numeric=is_regressor(copy))
            n_outputs = copy._encode_target(y, True, False).shape[1]
        n_features, rows = rows.shape[1], dense_rows(rows)
    n_features = n_features or getattr(estimator, "n_features_in_", None)
    if n_features is None:
        raise InvalidParameter(
            "The estimator is not fitted, so the number of columns is unknown. Give rows, "
            "signal_propagation(model, X, y), or their width, signal_propagation(model, n_features=20)."
        )
    return check_value("signal_propagation", "n_features", n_features, Number(1, whole=True)), n_outputs, rows


def _stages_of_estimator(estimator: BaseMLP, n_features: int, n_outputs: int) -> list[_Stage]:
    """The layers with the weights that `fit` would start from."""
    rng, stages = generator_of(estimator), []
    shape: tuple[int, ...] = (n_features,)
    for number, (name, layer) in enumerate(estimator._layers(n_outputs)):
        params, state, shape = layer.init(rng, shape)
        stages.append(_stage(number, name, layer, params, state))
    return stages


def _stage(number: int, name: str, layer: Layer, params: Any, state: Any) -> _Stage:
    """A layer with arrays in float64, and a seed of its own if it draws random numbers."""
    params, state = jax.tree.map(lambda array: np.asarray(array, np.float64), (params, state))
    seed = np.random.RandomState(number).randint(2**32, size=2, dtype=np.uint32) if layer.noisy else None
    hyper = {key: np.float64(value) for key, value in layer._first_values().items()}
    return _Stage(name, layer.recipe(), params, state, seed, hyper)


def _measured(
    inputs: str, stages: Sequence[_Stage], x: np.ndarray, on_rows: SignalPropagation | None = None
) -> SignalPropagation:
    """Forward through all layers and back."""
    signals, forward, backward = [], [], []
    with precision("float64"):
        signal: Any = x.astype(np.float64)
        for _, *stage in stages:
            signals.append(signal)
            signal, *sizes = _forward(*stage, signal)
            forward.append(sizes)
        gradient: Any = np.random.RandomState(1).standard_normal(signal.shape)
        backward.append(gradient.std())
        for (_, *stage), signal in zip(stages[:0:-1], signals[:0:-1]):  # the first layer's inputs need none
            gradient, size = _backward(*stage, signal, gradient)
            backward.append(size)
        means, deviations = np.array(forward, np.float64).T
    names = tuple(stage.name for stage in stages)
    return SignalPropagation(
        inputs, names, means, deviations, np.array(backward[::-1], float), _hidden(stages), on_rows
    )


@functools.partial(jax.jit, static_argnums=0)
def _forward(layer: Layer, params, state, seed, hyper, x):
    """A layer's outputs with their mean and deviation."""
    y, _ = layer.run(params, state, x, Call(training=True, seed=seed, hyper=hyper))
    return y, y.mean(), y.std()


@functools.partial(jax.jit, static_argnums=0)
def _backward(layer: Layer, params, state, seed, hyper, x, gradient):
    """The gradient by a layer's inputs, and its deviation."""
    _, pull_back = jax.vjp(lambda x: _forward(layer, params, state, seed, hyper, x)[0], x)
    (gradient,) = pull_back(gradient)
    return gradient, gradient.std()


def _hidden(stages: Sequence[_Stage]) -> np.ndarray:
    """Positions right before each layer with a weight matrix but the first such layer."""
    weighted = [i for i, stage in enumerate(stages) if any(a.ndim > 1 for a in jax.tree.leaves(stage.params))]
    return np.array(weighted[1:], int) - 1


def _over(values: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Values over the one at a position; all 1 where there is none."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return values / values[position] if len(position) else np.ones(len(values))


def _spread(ratios: np.ndarray) -> float:
    """The largest over the smallest; infinite where a signal is gone or no number."""
    if not len(ratios):
        return 1.0
    return float(ratios.max() / ratios.min()) if (np.isfinite(ratios) & (ratios > 0)).all() else np.inf


def _fate(ratios: np.ndarray) -> str:
    """What becomes of a signal along its way; `ratios` are relative to the first."""
    if np.isfinite(ratios).all() and not ratios.all():
        return "vanish"
    if not np.isfinite(ratios).all():
        return "explode"
    spread, last = _spread(ratios), ratios[-1] / ratios[0]
    if spread <= TOLERANCE:
        return f"keep their size (x {last:.2g})"
    if 1 / TOLERANCE <= last <= TOLERANCE:
        return f"go up and down by a factor of {spread:.2g}"
    return f"{'shrink' if last < 1 else 'grow'} (x {last:.2g})"
