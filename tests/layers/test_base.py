"""The contract that every layer keeps."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import layers
from lamina.engine.precision import precision
from lamina.errors import DataError, InvalidParameter
from lamina.layers import Call, Dense, Dropout, Layer, Weight
from lamina.layers.base import in_order
from tests.layers.cases import CASES, IDS, call_for, rows_for

every_layer = pytest.mark.parametrize(("layer", "shape"), CASES, ids=IDS)


def drawn(layer, shape, dtype="float32"):
    """Parameters, state, output shape and a batch."""
    rng = np.random.RandomState(0)
    params, state, after = layer.init(rng, shape)
    # away from 0, where a penalty or a rectifier has no derivative
    params, state = jax.tree.map(lambda a: (np.asarray(a) + 0.1).astype(dtype), (params, state))
    return params, state, after, rows_for(layer, shape, rng, dtype)


def close(one, other, **tolerance):
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, **tolerance), one, other)


def test_every_layer_has_a_case():
    of_others = layers.DenseTranspose  # has no kernel of its own, so that it can't run by itself
    public = {getattr(layers, name) for name in layers.__all__} - {Layer, Call, Weight, of_others}
    assert public <= {type(layer) for layer, _ in CASES}


@every_layer
def test_known_by_its_configuration(layer, shape):
    again = type(layer).from_config(layer.get_config())
    assert again == layer
    assert hash(again) == hash(layer)
    assert repr(again) == repr(layer)
    assert repr(layer).startswith(type(layer).__name__)
    assert pickle.loads(pickle.dumps(layer)) == layer
    assert hash(layer.recipe()) == hash(again.recipe())
    assert list(layer.recipe().hyper()) == list(layer.hyper())
    assert layer.at(layer.hyper()) == layer


@every_layer
def test_traced_values_are_no_part_of_the_recipe(layer, shape):
    moved = layer.at({name: value * 0.5 for name, value in layer.hyper().items()})
    assert moved.recipe() == layer.recipe()
    assert (moved == layer) == (not layer.hyper())


@every_layer
def test_output_shape_is_the_one_announced(layer, shape):
    params, state, after, x = drawn(layer, shape)
    y, new_state = layer.run(params, state, x, call_for(layer))
    assert y.shape == (x.shape[0], *after)
    assert jax.tree.structure(new_state) == jax.tree.structure(state)


@every_layer
def test_facade_is_the_pure_function(layer, shape):
    layer = type(layer).from_config(layer.get_config())
    x = rows_for(layer, shape, np.random.RandomState(0))
    if layer.noisy:
        np.random.seed(0)
        layer.build(shape)
        np.random.seed(0)
        seed = np.random.randint(2**32, size=2, dtype=np.uint32)
        np.random.seed(0)
    else:
        layer.build(shape)
        seed = None
    params, state = layer.store
    expected, expected_state = layer.run(params, state, jnp.asarray(x), Call(True, seed, hyper=layer.hyper()))
    close(layer(x, training=True), expected)
    close(layer.store[1], expected_state)


@every_layer
@pytest.mark.parametrize("training", [False, True])
def test_compiled_equals_eager(layer, shape, training):
    params, state, _, x = drawn(layer, shape)
    call = call_for(layer, training)

    def run(params, state, x, seed, hyper):
        return layer.recipe().run(params, state, x, call._replace(seed=seed, hyper=hyper))

    eager = layer.run(params, state, jnp.asarray(x), call)
    close(jax.jit(run)(params, state, x, call.seed, call.hyper), eager, rtol=2e-6, atol=2e-6)


@every_layer
def test_many_members_equal_each_alone(layer, shape):
    members, rng = 3, np.random.RandomState(1)
    params, state, _, _ = drawn(layer, shape)
    xs = np.stack([rows_for(layer, shape, rng) for _ in range(members)])
    several = jax.tree.map(lambda a: np.stack([a * (1 + k) for k in range(members)]), (params, state))
    seeds = np.arange(2 * members, dtype=np.uint32).reshape(members, 2)
    hyper = {name: np.float32(value) * np.linspace(0.5, 1, members) for name, value in layer.hyper().items()}
    bare = layer.recipe()

    def run(store, x, seed, hyper):
        return bare.run(*store, x, Call(True, seed if layer.noisy else None, hyper=hyper))

    together = jax.vmap(run)(several, xs, seeds, hyper)
    for k in range(members):
        one = jax.tree.map(lambda a: a[k], (several, xs, seeds, hyper))  # noqa: B023
        close(jax.tree.map(lambda a: a[k], together), run(*one), rtol=2e-6, atol=2e-6)  # noqa: B023


@every_layer
def test_gradient_is_the_slope(layer, shape):
    """Along a random direction of weights and inputs. Central differences of 1e-6 are good to 1e-9 in float64."""
    with precision("float64"):
        params, state, _, x = drawn(layer, shape, "float64")
        rng = np.random.RandomState(3)
        output = rng.randn(*layer.run(params, state, x, call_for(layer))[0].shape)

        def value(point):
            params, x = point
            y, _ = layer.run(params, state, x, call_for(layer))
            return jnp.sum(y * output) + layer.penalty(params)

        point = (params, x)
        whole = isinstance(layer, layers.Embedding)  # its inputs are whole numbers
        direction = jax.tree.map(lambda a: rng.randn(*a.shape), point)
        direction = (direction[0], np.zeros_like(x)) if whole else direction
        grad = jax.grad(value, allow_int=True)(point)
        slope = sum(jax.tree.leaves(jax.tree.map(lambda g, d: np.sum(g * d), grad, direction)))

        def moved(step):
            return value(jax.tree.map(lambda a, d: jnp.asarray(a + step * d), point, direction))

        ahead, behind = moved(1e-6), moved(-1e-6)
        np.testing.assert_allclose(slope, (ahead - behind) / 2e-6, rtol=1e-6, atol=1e-7)


@every_layer
def test_padded_rows_have_no_influence(layer, shape):
    """Not on the other rows' outputs, not on the state, not on the gradients of the other rows' outputs."""
    params, state, _, x = drawn(layer, shape)
    weight = np.array([1, 2, 0.5, 1, 0, 0], np.float32)
    garbage = x.copy()
    garbage[4:] = 0 if isinstance(layer, layers.Embedding) else 1e3
    call = call_for(layer, rows=weight)

    def run(x):
        def total(params):
            y, new_state = layer.run(params, state, jnp.asarray(x), call)
            return jnp.sum(jnp.sin(y[:4])), (y[:4], new_state)

        return jax.value_and_grad(total, has_aux=True)(params)

    jax.tree.map(np.testing.assert_array_equal, run(x), run(garbage))


@every_layer
def test_weights_go_out_and_in(layer, shape):
    layer = type(layer).from_config(layer.get_config())
    assert layer.get_weights() == []
    layer.build(shape, np.random.RandomState(0))
    weights = [array + 1 for array in layer.get_weights()]
    structure = jax.tree.structure(layer.store)
    layer.set_weights(weights)
    assert jax.tree.structure(layer.store) == structure
    for given, present in zip(weights, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(given, present)
    assert layer.count_params() == sum(array.size for array in weights)
    with pytest.raises(DataError, match="has weights of shapes"):
        layer.set_weights([*weights, np.zeros(1)])


@every_layer
def test_constraints_keep_names_and_shapes(layer, shape):
    params, _, _, _ = drawn(layer, shape)
    kept = layer.constrained(params)
    assert jax.tree.map(np.shape, kept) == jax.tree.map(np.shape, params)
    close(layer.constrained(kept), kept, rtol=1e-6)


def test_set_weights_before_building_says_what_to_do():
    with pytest.raises(DataError, match="Build the layer first"):
        Dense(2).set_weights([np.zeros((3, 2)), np.zeros(2)])


def test_order_of_weights_depends_on_names_alone():
    """JAX sorts dictionaries, so that the order in which a layer made its weights is lost in training."""
    assert [n for n, _ in in_order({"bias": 0, "kernel": 0})] == ["kernel", "bias"]
    assert [n for n, _ in in_order({"beta": 0, "gamma": 0})] == ["gamma", "beta"]
    assert [n for n, _ in in_order({"10": {"a": 0}, "2": {"b": 0, "kernel": 0}})] == ["2/kernel", "2/b", "10/a"]


def test_a_layer_without_regularizers_or_constraints_adds_nothing():
    layer = Dense(2)
    params, _, _ = layer.init(np.random.RandomState(0), (3,))
    assert layer.penalty(params) == 0
    assert isinstance(layer.penalty(params), int)
    assert all(layer.constrained(params)[name] is array for name, array in params.items())


def test_input_dim_is_a_short_input_shape():
    assert Dense(2, input_dim=3).input_shape == Dense(2, input_shape=[3]).input_shape == (3,)
    with pytest.raises(InvalidParameter, match="input_dim"):
        Dense(2, input_dim=0)


def test_call_may_be_overridden_without_apply():
    class Doubled(Layer):
        def call(self, inputs, training=None):
            return jnp.concatenate([inputs, inputs * (2 if training else 1)], axis=-1)

    layer = Doubled()
    assert layer.init(np.random.RandomState(0), (3,))[2] == (6,)
    assert layer(np.ones((1, 1), np.float32), training=True).tolist() == [[1.0, 2.0]]


def test_an_overridden_call_reads_traced_parameters_as_attributes():
    class Told(Dropout):
        def call(self, inputs):
            return inputs * self.rate

    layer = Told(0.5).recipe()
    y, _ = jax.jit(lambda rate: layer.run({}, {}, jnp.ones((1, 1)), Call(hyper={"rate": rate})))(0.25)
    assert y.tolist() == [[0.25]]


def test_weights_by_all_of_their_names():
    """Row 31."""
    layer = layers.BatchNormalization(name="bn")
    layer.build((3,))
    shown = [(variable.name, variable.trainable) for variable in layer.variables]
    moving = [("bn/moving_mean", False), ("bn/moving_variance", False)]
    assert shown == [("bn/gamma", True), ("bn/beta", True), *moving]
    assert (len(layer.trainable_variables), len(layer.non_trainable_variables)) == (2, 2)


def test_a_layer_that_defines_nothing_says_so():
    with pytest.raises(NotImplementedError, match="neither apply"):
        Layer()(np.ones((1, 1)))


def test_learning_rate_multiplier_is_a_parameter_of_every_layer():
    """Row 58."""
    layer = Dense(3, learning_rate_multiplier=0.1)
    assert Dense.from_config(layer.get_config()) == layer != Dense(3)
    assert repr(layer) == "Dense(units=3, learning_rate_multiplier=0.1)"
    with pytest.raises(InvalidParameter, match="Dense expects learning_rate_multiplier to be a number at least 0"):
        Dense(3, learning_rate_multiplier=-1)


def test_a_layer_that_cannot_have_a_multiplier_says_so():
    class Closed(Layer):
        def __init__(self):
            super().__init__()

        def apply(self, params, state, x, call):
            return x, state

    layer = Closed()
    assert layer.recipe() == layer
    layer.learning_rate_multiplier = 0.1
    with pytest.raises(InvalidParameter, match=r"Closed has a learning_rate_multiplier.*\*\*common"):
        layer.recipe()
