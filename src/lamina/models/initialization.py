"""First weights that depend on more than one layer: on the data that flow through, or on the number of blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from lamina.engine.precision import precision
from lamina.engine.run import Variables
from lamina.errors import DataError, InvalidParameter
from lamina.initializers import HeNormal, Orthogonal
from lamina.layers import BatchNormalization, Call, Dense, Layer, Residual
from lamina.models.arrays import check_inputs
from lamina.models.sequential import Sequential
from lamina.recipe import below


def lsuv_init(model: Sequential, x: Any) -> None:
    """Draw orthogonal kernels and scale each so that its layer's sums have a standard deviation of 1 on a batch.

    Layer by layer, ``W = Q / std(x · Q)`` over the rows and units, with the inputs that the layers before give:
    layer-sequential unit variance. It suits any activation and depth, and needs no batch normalisation. Dense layers
    in blocks of `Residual` are drawn too; biases and all other weights stay. A layer in several places suits the last.

    Parameters
    ----------
    model : Sequential
        The model whose kernels are replaced; random numbers come from NumPy's generator, as at building.
    x : array-like of shape (n_samples, ...)
        A batch of training rows: some hundreds will do.

    Raises
    ------
    DataError
        If a layer receives the same numbers everywhere, so that no factor helps; nothing is changed then.

    References
    ----------
    Mishkin & Matas (2016), All you need is a good init.

    Examples
    --------
    >>> model = Sequential([Dense(50, "tanh", input_shape=(20,)), Dense(50, "tanh"), Dense(1)])
    >>> x = np.random.RandomState(0).uniform(0, 9, size=(300, 20))
    >>> lsuv_init(model, x)
    >>> bool(0.99 < model.predict(x).std() < 1.01)
    True
    """
    signal: Any = check_inputs(model, x)
    store, noise = model.open(), model.noise(always=True)
    drawn = dict(store.params)
    with precision(model.dtype):
        for name, layer in model.named_layers:
            call = Call(seed=noise[0] if layer.noisy else None, hyper=below(name, noise[1]))
            drawn[name], signal = _unit_deviation(name, layer, drawn[name], store.state[name], signal, call)
    model.close(Variables(drawn, store.state))


def _unit_deviation(name: str, layer: Layer, params: Any, state: Any, x: Any, call: Call) -> tuple[Any, Any]:
    """New parameters of a layer, and what it gives with them."""
    if isinstance(layer, Residual):
        y, drawn = x, {}
        for number, child in enumerate(layer.layers):
            key = str(number)
            own = call._replace(hyper=below(f"layers/{key}", call.hyper))
            drawn[key], y = _unit_deviation(f"{name}/{key}", child, params[key], state[key], y, own)
        return drawn, x + y
    if isinstance(layer, Dense):
        params = {**params, "kernel": _scaled(name, params["kernel"], np.asarray(x, np.float64))}
    return params, layer.run(params, state, jnp.asarray(x), call)[0]


def _scaled(name: str, kernel: np.ndarray, x: np.ndarray) -> np.ndarray:
    """An orthogonal kernel, divided by the deviation of the sums that it makes."""
    orthogonal = _drawn(Orthogonal(), kernel)
    deviation = (x @ orthogonal).std()
    if deviation < np.finfo(np.float32).tiny:
        raise DataError(
            f"{name} receives the same numbers in all {len(x)} rows and columns, so its sums cannot get a standard "
            "deviation of 1. Give rows that differ, and look before it for an activation that is always 0."
        )
    return (orthogonal / deviation).astype(kernel.dtype)


def fixup_init(model: Sequential) -> None:
    """Draw the weights of residual blocks so that nets of any depth learn at the same rate without normalisation.

    Of L blocks with m dense layers each, the last dense layer of each block starts at 0, so that the block starts as
    the identity, and the others are drawn by He's rule times ``L ** (-1 / (2 m - 2))``; their biases are 0. A dense
    layer at the end of the model starts at 0 too. The paper's scalar factors and shifts are not added: the shifts are
    what the biases of dense layers do.

    Parameters
    ----------
    model : Sequential
        A model with blocks of `Residual`, whose shape of inputs is known; random numbers come from NumPy's generator.

    Raises
    ------
    InvalidParameter
        If there are no blocks, or if one has batch normalisation or a block in it.

    References
    ----------
    Zhang, Dauphin & Ma (2019), Fixup initialization: residual learning without normalization.

    Examples
    --------
    >>> blocks = [Residual([Dense(8, "relu"), Dense(4)]) for _ in range(10)]
    >>> model = Sequential([*blocks, Dense(1)])
    >>> model.build((None, 4))
    >>> fixup_init(model)
    >>> model.predict(np.ones((2, 4))).tolist()
    [[0.0], [0.0]]
    """
    store = model.open()
    named = dict(model.named_layers)
    blocks = [name for name, layer in named.items() if isinstance(layer, Residual)]
    if not blocks:
        raise InvalidParameter(
            f"fixup_init expects a model with blocks of lamina.layers.Residual. Received the layers {list(named)}."
        )
    drawn = {name: _fixed_up(name, named[name], store.params[name], len(blocks)) for name in blocks}
    *_, (last, layer) = named.items()
    if isinstance(layer, Dense):
        drawn[last] = {key: np.zeros_like(array) for key, array in store.params[last].items()}
    model.close(Variables({**store.params, **drawn}, store.state))


def _fixed_up(name: str, block: Layer, params: Mapping[str, Any], n_blocks: int) -> dict[str, Any]:
    """New parameters of a block."""
    assert isinstance(block, Residual)
    for child in block.layers:
        if isinstance(child, BatchNormalization | Residual):
            raise InvalidParameter(
                f"fixup_init expects blocks of layers without batch normalisation and without blocks. {name} has a "
                f"{type(child).__name__}. Leave it out, or train without fixup_init."
            )
    dense = [str(number) for number, child in enumerate(block.layers) if isinstance(child, Dense)]
    factor = n_blocks ** (-1 / (2 * len(dense) - 2)) if len(dense) > 1 else 0.0
    drawn = dict(params)
    for key in dense:
        kernel = _drawn(HeNormal(), params[key]["kernel"]) * (0.0 if key == dense[-1] else factor)
        zeros = {weight: np.zeros_like(array) for weight, array in params[key].items()}
        drawn[key] = zeros | {"kernel": kernel.astype(params[key]["kernel"].dtype)}
    return drawn


def _drawn(initializer: Any, kernel: np.ndarray) -> np.ndarray:
    """A new kernel in float64."""
    rng = np.random.RandomState(np.random.randint(2**31))
    return initializer.draw(rng, kernel.shape, kernel.shape)
