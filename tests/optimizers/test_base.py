"""What all optimizers share: checks, old spellings, per-step values, recipes, first states."""

from functools import partial

import jax
import numpy as np
import optax
import pytest

from lamina.optimizers import OPTIMIZERS, SGD, Adam, Muon, Optax, Optimizer, RMSprop, get, schedules
from lamina.optimizers.schedules import InverseTimeDecay, OneCycle

PARAMS = {"dense": {"kernel": np.ones((3, 2), np.float32), "bias": np.zeros(2, np.float32)}}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(-1), "SGD expects learning_rate to be a number at least 0. Received learning_rate=-1."),
        (lambda: SGD(learning_rate=InverseTimeDecay), "SGD expects learning_rate to be a number"),
        (lambda: SGD(clipnorm=0), "SGD expects clipnorm to be a number above 0 or None. Received clipnorm=0."),
        (lambda: Adam(clipnorm=1, clipvalue=2), "one way only. Received clipnorm=1, clipvalue=2. Leave out all but"),
        (lambda: Adam(weight_decy=0.1), 'Unknown Adam parameter "weight_decy". Did you mean "weight_decay"?'),
        (lambda: Adam(beta_1=1.0), "Adam expects beta_1 to be a number at least 0 and below 1"),
        (lambda: SGD(OneCycle(0.1), decay=0.1), "decay=0.1 and a schedule as its learning rate. Leave out decay."),
    ],
)
def test_errors_say_what_is_expected(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_old_spellings():
    assert SGD(lr=0.1) == SGD(learning_rate=0.1)
    assert SGD(lr=0.1, decay=0) == SGD(0.1)
    rate = SGD(lr=0.1, decay=0.01).schedules()["learning_rate"]
    steps = np.arange(200)[None]
    np.testing.assert_allclose(rate(np.zeros((1, 1)), steps), 0.1 / (1 + 0.01 * steps))


def test_numbers_are_no_part_of_what_is_compiled():
    many = {"weight_decay": 0.1, "clipvalue": 1.0, "use_ema": True}
    one = SGD(0.1, momentum=0.5, **many)
    other = SGD(OneCycle(0.3), momentum=lambda step: 0.9, **many | {"ema_momentum": 0.5, "clipvalue": 2.0})
    assert one.recipe() == other.recipe()
    assert hash(one.recipe()) == hash(other.recipe())
    assert one != other
    assert one.recipe().hyper_names == ("learning_rate", "weight_decay", "clipvalue", "ema_momentum", "momentum")


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_configurations_come_back(name):
    optimizer = OPTIMIZERS[name](learning_rate=OneCycle(0.3), weight_decay=0.1, clipnorm=2.0, use_ema=True)
    assert type(optimizer).from_config(optimizer.get_config()) == optimizer


@pytest.mark.parametrize("name", list(OPTIMIZERS))
@pytest.mark.parametrize("use_ema", [False, True])
def test_first_states_compile_nothing_and_equal_optax(name, use_ema, compiles):
    optimizer = OPTIMIZERS[name](use_ema=use_ema)
    with compiles(at_most=0):
        state = optimizer.start(PARAMS)
    assert all(isinstance(leaf, np.ndarray) for leaf in jax.tree.leaves(state))
    hyper = {key: np.float32(value) for key, value in optimizer.hyper().items()}
    expected = optimizer.rule(hyper).init(jax.tree.map(jax.numpy.asarray, PARAMS))
    jax.tree.map(np.testing.assert_array_equal, state.rule if use_ema else state, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", [SGD(momentum=0.9), RMSprop(momentum=0.5), get("nadam"), Optax(optax.adam(0.1))])
def test_states_have_the_weights_dtype(optimizer, dtype):
    state = optimizer.start(jax.tree.map(lambda a: a.astype(dtype), PARAMS))
    assert {leaf.dtype for leaf in jax.tree.leaves(state)} <= {np.dtype(dtype), np.dtype(np.int32)}


def test_what_is_not_used_costs_nothing():
    assert jax.tree.leaves(SGD().start(PARAMS)) == []
    assert SGD().hyper_names == ("learning_rate",)
    rule = SGD(momentum=0.9).rule
    text = [
        str(jax.make_jaxpr(build({"learning_rate": 0.1, "momentum": 0.9}).update)(PARAMS, PARAMS, PARAMS))
        for build in (SGD(momentum=0.9).transform, rule)
    ]
    assert text[0] == text[1]


def test_a_one_cycle_moves_the_momentum_too():
    """Row 66."""
    steps, epochs = np.arange(100)[None], np.zeros((1, 1))
    for optimizer, name in [(SGD(OneCycle(1.0)), "momentum"), (Adam(OneCycle(1.0)), "beta_1")]:
        values = optimizer.schedules(total_steps=100)
        np.testing.assert_array_equal(values["learning_rate"](epochs, steps), OneCycle(1.0, 100)(steps))
        np.testing.assert_array_equal(values[name](epochs, steps), OneCycle(1.0, 100).momentum(steps))
        assert optimizer.recipe().hyper_names == tuple(values)
    assert "momentum" not in SGD(OneCycle(1.0, max_momentum=None)).hyper_names
    assert "beta_1" not in get("sgd").hyper_names


def test_any_number_can_follow_a_schedule():
    """Row 74: a weight decay that ends after the second step."""
    decay = schedules.PiecewiseConstantDecay([1], [0.5, 0.0])
    values = SGD(0.1, weight_decay=decay).schedules()["weight_decay"](np.zeros((1, 1)), np.arange(4)[None])
    np.testing.assert_array_equal(values, [[0.5, 0.5, 0, 0]])


def test_the_average_starts_with_the_first_weights():
    optimizer = Muon(use_ema=True)
    state = optimizer.start(PARAMS)
    jax.tree.map(np.testing.assert_array_equal, optimizer.averaged(PARAMS, state), PARAMS)
    assert Muon().averaged(PARAMS, None) is PARAMS


def test_a_subclass_must_define_a_rule():
    with pytest.raises(NotImplementedError, match="must define rule"):
        Optimizer().rule({})


def test_an_optimizer_of_ones_own():
    class SignDescent(Optimizer):
        def rule(self, hyper):
            return optax.chain(optax.scale_by_sign(), optax.scale_by_learning_rate(hyper["learning_rate"]))

    optimizer = SignDescent(0.5, weight_decay=0.1)
    hyper = {name: np.float32(value) for name, value in optimizer.hyper().items()}
    update, _ = optimizer.transform(hyper).update(np.float32(-3), optimizer.start(np.float32(1)), np.float32(1))
    np.testing.assert_allclose(update, 0.5 - 0.05, rtol=1e-6)


@pytest.mark.parametrize("settings", [{}, {"weight_decay": 0.1, "use_ema": True, "global_clipnorm": 1.0}])
@pytest.mark.parametrize("name", [*OPTIMIZERS, "optax"])
def test_multiplied_changes_are_those_of_a_multiplied_rate(name, settings):
    """Row 58: in every optimizer, averages and decay included; the other weights go on as they were.

    1e-5: float32, the factor at another place in the products.
    """
    kind = partial(Optax, optax.adam(0.5)) if name == "optax" else OPTIMIZERS[name]
    optimizer = kind(learning_rate=0.1, **settings)
    hyper = jax.tree.map(np.float32, optimizer.hyper())
    slow = {**hyper, "learning_rate": np.float32(0.03)}

    def multiplied(changes):
        return {"one": changes["one"], "other": jax.tree.map(lambda u: np.float32(0.3) * u, changes["other"])}

    def trained(transform):
        rng = np.random.RandomState(0)
        params = {key: {"w": rng.randn(3, 2).astype(np.float32)} for key in ("one", "other")}
        state = optimizer.start(params)
        for _ in range(4):
            grads = jax.tree.map(lambda w: rng.randn(*w.shape).astype(np.float32), params)
            updates, state = transform.update(grads, state, params)
            params = optax.apply_updates(params, updates)
        return params, optimizer.averaged(params, state)

    mixed, plain, slowed = (trained(optimizer.transform(*how)) for how in ((hyper, multiplied), (hyper,), (slow,)))
    for k in range(2):
        np.testing.assert_allclose(mixed[k]["other"]["w"], slowed[k]["other"]["w"], rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(mixed[k]["one"]["w"], plain[k]["one"]["w"])
