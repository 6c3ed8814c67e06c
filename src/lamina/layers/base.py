"""What every layer is: configuration in ``__init__``, ``init`` in NumPy, ``apply`` in pure JAX."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import jax
import numpy as np

from lamina.checks import Is, Number, check_number, check_value
from lamina.errors import DataError, InvalidParameter, UnknownName
from lamina.recipe import Recipe

#: parameters of Keras' layers that are missing here, and what to do
_INSTEAD = {
    "activity_regularizer": (
        "Put ActivityRegularization(l1=0.01) after the layer, or penalise its weights with kernel_regularizer."
    ),
    "seed": "All noise follows lamina.utils.set_random_seed(0).",
    "noise_shape": "predict_uncertainty(x, shared_mask=True) shares noise between rows; training does not.",
}

Shape = tuple[int, ...]
Arrays = dict[str, Any]


class Call(NamedTuple):
    """What a layer may know about the call."""

    training: bool = False
    #: of this layer in this step; uint32 of shape (2,), see `lamina.noise`
    seed: jax.Array | None = None
    #: row weights; padded rows weigh 0
    rows: jax.Array | None = None
    #: dtype of matrix products where it differs from the weights'
    compute_dtype: str | None = None
    #: the layer's traced parameters
    hyper: Mapping[str, Any] = {}
    #: a frozen layer keeps its weights and its statistics
    frozen: bool = False
    #: layers of noise are active although nothing is trained, to draw from the model's uncertainty
    sampling: bool = False
    #: all rows get the same noise
    shared_noise: bool = False

    @property
    def noise_on(self) -> bool:
        """Whether layers of noise are active."""
        return self.training or self.sampling

    def noise_shape(self, shape: Shape) -> Shape:
        """The shape of a layer's noise for inputs of the given shape."""
        return (1, *shape[1:]) if self.shared_noise else shape


class Weight(NamedTuple):
    """One weight array of a layer."""

    name: str
    value: np.ndarray
    trainable: bool

    @property
    def shape(self) -> Shape:
        """The array's shape."""
        return self.value.shape

    @property
    def size(self) -> int:
        """Number of weights in it."""
        return self.value.size

    def numpy(self) -> np.ndarray:
        """The array."""
        return self.value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.value, dtype, copy=copy)


@dataclass
class Frame:
    """What `Layer.call` works on while the engine runs a layer whose class overrides it."""

    params: Arrays
    state: Arrays
    call: Call


_frame: ContextVar[Frame] = ContextVar("lamina_layer_frame")


class Layer(Recipe):
    """A layer of a network: a recipe, and a slot for the weights of the model that it belongs to.

    A subclass keeps its ``__init__`` parameters as attributes of the same names, passes the rest on with
    ``super().__init__(**common)``, and defines `init` and `apply`; or it derives from a layer that does and overrides
    ``call(self, inputs, training=None)`` only.

    Parameters
    ----------
    name : str, optional
        Its name in summaries and files; models name nameless layers after their class.
    trainable : bool, default=True
        Whether training changes its weights. A change takes effect at the next ``fit``.
    learning_rate_multiplier : float, schedule or callable, optional
        A factor on the learning rate for this layer's weights, at least 0; or a function of the step's number. A change
        takes effect at the next ``fit``, and compiles nothing once there is a factor.
    input_shape : tuple of int, optional
        Shape of one row, for the first layer of a model that shall be built before it sees data.
    input_dim : int, optional
        The same for rows of this many columns: ``input_dim=4`` is ``input_shape=(4,)``.
    **others
        Keras' ``batch_shape=(None, 4)`` for ``input_shape=(4,)``; and ``dtype="float32"``, which says nothing new.

    Raises
    ------
    UnknownName
        For a misspelt parameter, with the nearest known one.
    InvalidParameter
        For a parameter of Keras that is missing here, with what to do instead.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> class Scale(Layer):
    ...     def init(self, rng, input_shape):
    ...         return {"factor": np.ones(input_shape[-1])}, {}, input_shape
    ...
    ...     def apply(self, params, state, x, call):
    ...         return x * params["factor"], state
    >>> Scale()(np.ones((1, 2), np.float32)).tolist()
    [[1.0, 1.0]]
    """

    labels: ClassVar[tuple[str, ...]] = ("name", "trainable", "input_shape", "input_dim")
    traced: ClassVar[tuple[str, ...]] = ("learning_rate_multiplier",)
    learning_rate_multiplier: Any = None
    #: names of the weights that an L2 penalty applies to
    penalised: tuple[str, ...] = ()
    #: whether the outputs are random, in training at least
    noisy: bool = False
    #: number of the layer whose random numbers it draws again, from 0 for the network's first, if not its own
    seed_of: int | None = None

    def __init__(
        self,
        *,
        name: str | None = None,
        trainable: bool = True,
        learning_rate_multiplier: Any = None,
        input_shape: Shape | list[int] | None = None,
        input_dim: int | None = None,
        **others: Any,
    ) -> None:
        self.name = name
        self.trainable = trainable
        self.learning_rate_multiplier = check_number(
            type(self).__name__, "learning_rate_multiplier", learning_rate_multiplier, Number(0), Is(None)
        )
        input_shape = self._batch_shape(others)[1:] or input_shape
        self.input_shape = None if input_shape is None else tuple(input_shape)
        if input_dim is not None:
            check_value(type(self).__name__, "input_dim", input_dim, Number(1, whole=True))
            self.input_shape = (input_dim,)

    def _batch_shape(self, others: dict[str, Any]) -> list[int]:
        """The shape of a batch that Keras' other parameters say, if any; an error for what means something else."""
        owner = type(self).__name__
        shape = others.pop("batch_shape", None) or others.pop("batch_input_shape", None) or ()
        if others.pop("dtype", None) not in (None, "float32"):
            raise InvalidParameter(f"{owner} has the dtype of its model. Leave dtype out, or give it to Sequential.")
        others = {name: value for name, value in others.items() if name not in _INSTEAD or value is not None}
        for name in others.keys() & _INSTEAD.keys():
            raise InvalidParameter(f"{owner} takes no {name}. {_INSTEAD[name]}")
        for name in others:
            raise UnknownName.among(f"{owner} parameter", name, [*self.parameters(), *self.labels])
        return list(shape)

    # -- the contract ---------------------------------------------------------------------------------------------

    def init(self, rng: np.random.RandomState, input_shape: Shape) -> tuple[Arrays, Arrays, Shape]:
        """Draw weights: (parameters, state, output shape), for inputs of `input_shape` without the row axis."""
        return {}, {}, input_shape if type(self).call is Layer.call else self.shape_after(input_shape)

    def apply(self, params: Arrays, state: Arrays, x: jax.Array, call: Call) -> tuple[jax.Array, Arrays]:
        """The outputs for a batch of inputs, and the new state. Arrays come from the arguments alone."""
        raise NotImplementedError(
            f"{type(self).__name__} defines neither apply(params, state, x, call) nor call(inputs, training)."
        )

    def gathered(self, name: str, params: Arrays) -> Arrays:
        """What `apply` is given of a network's parameters, in which the layer has a name: its own."""
        return params[name]

    def call(self, inputs: jax.Array, training: bool | None = None) -> jax.Array:
        """The outputs for a batch of inputs; may be overridden in place of `apply`, and called from there."""
        frame = _frame.get()
        call = frame.call if training is None else frame.call._replace(training=training)
        outputs, frame.state = self.apply(frame.params, frame.state, inputs, call)
        return outputs

    def run(self, params: Arrays, state: Arrays, x: jax.Array, call: Call) -> tuple[jax.Array, Arrays]:
        """What the engine calls: `apply`, or the subclass's own `call` in its place."""
        if type(self).call is Layer.call:
            return self.apply(params, state, x, call)
        keywords = {"training": call.training} if "training" in inspect.signature(self.call).parameters else {}
        with _running(Frame(params, state, call)) as frame:
            return self.at(call.hyper).call(x, **keywords), frame.state

    def penalty(self, params: Arrays) -> jax.Array | int:
        """What the layer's regularizers, ``{weight}_regularizer``, add to the loss; the number 0 without any."""
        regularizers = ((getattr(self, f"{weight}_regularizer", None), array) for weight, array in params.items())
        return sum(regularizer(array) for regularizer, array in regularizers if regularizer is not None)

    def activity_penalty(self, outputs: jax.Array, rows: jax.Array) -> jax.Array | int:
        """What the layer's outputs for a batch, with these row weights, add to the training loss; 0 for nothing."""
        return 0

    def constrained(self, params: Arrays) -> Arrays:
        """The weights after an update, brought back by the layer's constraints, ``{weight}_constraint``."""
        constraints = {weight: getattr(self, f"{weight}_constraint", None) for weight in params}
        return {weight: a if (back := constraints[weight]) is None else back(a) for weight, a in params.items()}

    def multiplied(self, changes: Arrays) -> Arrays:
        """The changes that a step makes to the weights, times the layer's learning-rate multiplier if it has one."""
        factor = self.learning_rate_multiplier
        return changes if factor is None else jax.tree.map(lambda change: factor * change, changes)

    def kernels(self, params: Arrays) -> list[jax.Array]:
        """The weights that an L2 penalty on a whole network applies to."""
        return [params[weight] for weight in self.penalised]

    def recipe(self):
        name = "learning_rate_multiplier"
        if self.learning_rate_multiplier is not None and name not in self.parameters():
            raise InvalidParameter(
                f"{type(self).__name__} has a {name}, but its constructor does not take one. End its parameters with "
                "**common and call super().__init__(**common)."
            )
        return super().recipe()

    def shape_after(self, input_shape: Shape) -> Shape:
        """The output shape of a layer without weights, found by tracing it."""
        row = jax.ShapeDtypeStruct((1, *input_shape), np.float32)
        seed = jax.ShapeDtypeStruct((2,), np.uint32)
        hyper = self._first_values()
        outputs = jax.eval_shape(lambda x, seed: self.run({}, {}, x, Call(seed=seed, hyper=hyper))[0], row, seed)
        return outputs.shape[1:]

    def _first_values(self) -> dict[str, Any]:
        """The traced parameters; those that follow the step, at the first one."""
        return {name: value(0) if callable(value) else value for name, value in self.hyper().items()}

    # -- the weights, as users see them ---------------------------------------------------------------------------

    #: (parameters, state) once the layer is built
    store: tuple[Arrays, Arrays] | None = None
    #: the shapes of a row that goes in and of what comes out, once the layer is built
    built_for: Shape | None = None
    output_shape: Shape | None = None

    def build(self, input_shape: Shape, rng: np.random.RandomState | None = None, dtype: str = "float32") -> None:
        """Draw the weights for inputs of `input_shape` (without the row axis), unless they are there."""
        if self.store is not None and self.built_for == input_shape:
            return
        if self.get_weights():
            raise DataError(
                f"{self.name or type(self).__name__} has weights for inputs of shape {self.built_for}, but its inputs "
                f"here have the shape {input_shape}. Use a new layer."
            )
        rng = rng or np.random.RandomState(np.random.randint(2**31))
        params, state, self.output_shape = self.init(rng, input_shape)
        self.store = _arrays(params, dtype), _arrays(state, dtype)
        self.built_for = input_shape

    @property
    def weights(self) -> list[Weight]:
        """The weights with their names, in the order of `get_weights`."""
        params, state = self.store or ({}, {})
        label = self.name or type(self).__name__
        return [
            Weight(f"{label}/{name}", np.asarray(array), moved and self.trainable)
            for part, moved in ((params, True), (state, False))
            for name, array in in_order(part)
        ]

    def weight(self, name: str) -> Weight | None:
        """The weight of a name, such as "kernel", once the layer is built."""
        label = f"{self.name or type(self).__name__}/{name}"
        return next((weight for weight in self.weights if weight.name == label), None)

    @property
    def trainable_weights(self) -> list[Weight]:
        """The weights that training changes."""
        return [weight for weight in self.weights if weight.trainable]

    @property
    def non_trainable_weights(self) -> list[Weight]:
        """The weights that training leaves alone."""
        return [weight for weight in self.weights if not weight.trainable]

    #: Keras' newer names of the same
    variables, trainable_variables, non_trainable_variables = weights, trainable_weights, non_trainable_weights

    def __call__(self, inputs: Any, training: bool = False) -> jax.Array:
        """The outputs for a batch of inputs, outside of any model."""
        if isinstance(inputs, Layer):
            raise InvalidParameter(
                "Layers are called on arrays. There is no functional interface: put them into a model with "
                "Sequential([...]); Residual([...]) adds its input to a block of layers."
            )
        x = jax.numpy.asarray(inputs)
        self.build(x.shape[1:])
        seed = jax.numpy.asarray(np.random.randint(2**32, size=2, dtype=np.uint32)) if self.noisy else None
        params, state = self.store or ({}, {})
        outputs, state = self.run(params, state, x, Call(training, seed, hyper=self._first_values()))
        self.store = (params, jax.tree.map(np.asarray, state))
        return outputs

    def get_weights(self) -> list[np.ndarray]:
        """The arrays of the parameters, then those of the state; a kernel or gamma first, the others by name."""
        return [np.asarray(array) for part in self.store or () for _, array in in_order(part)]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Replace all arrays by others of the same shapes, in the order of `get_weights`."""
        present = self.get_weights()
        given, wanted = [np.shape(a) for a in weights], [a.shape for a in present]
        if given != wanted:
            raise DataError(
                f"{self.name or type(self).__name__} has weights of shapes {wanted}, but received {given}. "
                + ("Build the layer first: call it on a batch." if self.store is None else "Give one array for each.")
            )
        arrays = iter(np.asarray(a, b.dtype) for a, b in zip(weights, present))
        if self.store is not None:
            params, state = (_refilled(part, arrays) for part in self.store)
            self.store = params, state

    def count_params(self) -> int:
        """Number of weights, those of the state included."""
        return sum(array.size for array in self.get_weights())


def in_order(store: Arrays) -> Iterator[tuple[str, Any]]:
    """Names and arrays in the order of `Layer.get_weights`, those of layers within as ``number/name``.

    JAX sorts the names of a dictionary; this order depends on the names alone, and is Keras' where Keras has one.

    >>> [name for name, _ in in_order({"bias": 0, "kernel": 1})]
    ['kernel', 'bias']
    """
    for name in sorted(store, key=_place):
        if isinstance(store[name], dict):
            yield from ((f"{name}/{key}", array) for key, array in in_order(store[name]))
        else:
            yield name, store[name]


def _place(name: str) -> tuple[bool, int, str]:
    return name not in ("kernel", "gamma"), int(name) if name.isdigit() else 0, name


def _refilled(store: Arrays, arrays: Iterator[np.ndarray]) -> Arrays:
    """A store of the same names with the next arrays, in the order of `in_order`."""
    return {
        name: _refilled(store[name], arrays) if isinstance(store[name], dict) else next(arrays)
        for name in sorted(store, key=_place)
    }


def _arrays(tree: Arrays, dtype: str) -> Arrays:
    return jax.tree.map(lambda array: np.asarray(array, dtype), tree)


@contextmanager
def _running(frame: Frame) -> Iterator[Frame]:
    token = _frame.set(frame)
    try:
        yield frame
    finally:
        _frame.reset(token)
