"""Every optimizer against Keras': the same 50 gradients from the same weights lead to the same weights."""

import os

import numpy as np
import pytest

from lamina import optimizers

keras = None


@pytest.fixture(scope="module", autouse=True)
def _keras():
    global keras  # noqa: PLW0603
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras")


pytestmark = pytest.mark.filterwarnings("ignore")

RNG = np.random.RandomState(0)
SHAPES = {"kernel": (4, 3), "bias": (3,)}
WEIGHTS = {name: RNG.randn(*shape).astype(np.float32) for name, shape in SHAPES.items()}
# sizes that change over time, so that clipping, averages and bias corrections all matter
GRADS = [
    {name: (RNG.randn(*shape) * np.exp(RNG.randn())).astype(np.float32) for name, shape in SHAPES.items()}
    for _ in range(50)
]

KINDS = ["SGD", "Adagrad", "RMSprop", "Adam", "Adamax", "Nadam", "AdamW", "Lion", "Muon"]
SETTINGS = {
    "plain": {},
    "clipvalue": {"clipvalue": 0.3},
    "clipnorm": {"clipnorm": 0.5},
    "global_clipnorm": {"global_clipnorm": 0.7},
    "weight_decay": {"weight_decay": 0.05},
    "use_ema": {"use_ema": True, "ema_momentum": 0.9},
    "schedule": {"learning_rate": ("ExponentialDecay", 0.05, 10, 0.5)},
}
VARIANTS = [
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.05, "clipnorm": 0.5, "use_ema": True}),
    ("SGD", {"momentum": 0.9, "learning_rate": ("InverseTimeDecay", 0.05, 3, 0.5)}),
    ("Adagrad", {"initial_accumulator_value": 0.5, "epsilon": 0.1}),
    ("RMSprop", {"rho": 0.8, "epsilon": 0.1}),
    ("RMSprop", {"momentum": 0.9, "learning_rate": ("InverseTimeDecay", 0.05, 3, 0.5)}),
    ("RMSprop", {"momentum": 0.9, "centered": True}),
    ("Adam", {"amsgrad": True, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.1}),
    ("Adamax", {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.1}),
    ("Nadam", {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.1}),
    ("Lion", {"beta_1": 0.8, "beta_2": 0.9}),
    ("Muon", {"nesterov": False, "ns_steps": 3, "adam_weight_decay": None, "adam_lr_ratio": 0.5}),
    ("Muon", {"rms_rate": None, "weight_decay": None, "adam_weight_decay": 0.1}),
    ("Muon", {"exclude_layers": ["kernel"]}),
]


def _make(module, kind, options):
    options = {"learning_rate": 0.05} | options
    if isinstance(options["learning_rate"], tuple):
        name, *arguments = options["learning_rate"]
        options["learning_rate"] = getattr(module.schedules, name)(*arguments)
    return getattr(module, kind)(**options)


def run_keras(optimizer):
    variables = [keras.Variable(weight, name=name) for name, weight in WEIGHTS.items()]
    optimizer.build(variables)
    for grads in GRADS:
        optimizer.apply(list(grads.values()), variables)
    optimizer.finalize_variable_values(variables)
    return {name: np.asarray(variable.value) for name, variable in zip(WEIGHTS, variables)}


def run_ours(optimizer, grads=GRADS):
    """As the engine does: schedules on the host, a transformation built from the values of each step."""
    steps = np.arange(len(grads))[None]
    schedules = optimizer.schedules(total_steps=len(grads))
    values = {name: schedule(np.zeros((1, 1)), steps)[0] for name, schedule in schedules.items()}
    recipe, state, params = optimizer.recipe(), optimizer.start(WEIGHTS), WEIGHTS
    assert recipe.hyper_names == optimizer.hyper_names

    for t, grad in enumerate(grads):
        hyper = {name: np.float32(value[t]) for name, value in values.items()}
        updates, state = recipe.transform(hyper).update(grad, state, params)
        params = {name: params[name] + np.asarray(updates[name]) for name in params}
    return optimizer.averaged(params, state)


def _same(ours, theirs):
    for name in WEIGHTS:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_equals_keras(kind, setting):
    """Rows 39, 40, 47, 49-54, 56, 57, 62: 50 steps from the same weights; 1e-4: float32."""
    options = SETTINGS[setting]
    _same(run_ours(_make(optimizers, kind, options)), run_keras(_make(keras.optimizers, kind, options)))


@pytest.mark.parametrize(("kind", "options"), VARIANTS)
def test_variants_equal_keras(kind, options):
    """Rows 48-53, 56, 61."""
    _same(run_ours(_make(optimizers, kind, options)), run_keras(_make(keras.optimizers, kind, options)))


@pytest.mark.parametrize("options", [{}, {"warmup_steps": 20}, {"weight_decay": 0.05, "clipnorm": 0.5}])
def test_schedule_free_equals_keras(options):
    """Row 56. Keras ends with the weights at which gradients are taken, we with their average: compare before it."""
    if not hasattr(keras.optimizers, "ScheduleFreeAdamW"):
        pytest.skip("this Keras has no schedule-free optimizer")
    ours = _make(optimizers, "ScheduleFreeAdam", options)
    ours.averaged = lambda params, state: params
    _same(run_ours(ours), run_keras(_make(keras.optimizers, "ScheduleFreeAdamW", options)))


def test_defaults_equal_keras():
    for kind in KINDS:
        ours, theirs = getattr(optimizers, kind)().get_config(), getattr(keras.optimizers, kind)().get_config()
        shared = (ours.keys() & theirs.keys()) - {"exclude_layers"}
        assert {name: ours[name] for name in shared} == pytest.approx({name: theirs[name] for name in shared}), kind
