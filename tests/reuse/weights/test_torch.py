"""PyTorch as the oracle, where it is installed: the same outputs from the same weights, in both directions."""

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.activations import ACTIVATIONS
from lamina.errors import InvalidParameter
from lamina.reuse import from_torch, to_torch

torch = pytest.importorskip("torch")
nn = torch.nn

RNG = np.random.RandomState(0)
FLAT, DEEP = RNG.randn(8, 4), RNG.randn(8, 3, 4)
SETTINGS = {"hidden_layer_sizes": (5,), "max_iter": 2, "random_state": 0}
unconverged = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def outputs(model, x):
    if isinstance(model, lamina.Sequential):
        return model.predict(x, verbose=0)
    with torch.no_grad():
        return model(
            torch.tensor(x, dtype=next(iter(model.parameters()), torch.zeros(0, dtype=torch.float64)).dtype)
        ).numpy()


def assert_alike(a, b, x, dtype="float64"):
    """float64: only the order of sums differs. float32: 1e-6 of the largest output, as of sums of a dozen numbers."""
    expected = outputs(b, x)
    tolerance = 1e-12 if dtype == "float64" else 1e-6
    np.testing.assert_allclose(outputs(a, x), expected, rtol=tolerance, atol=tolerance * np.abs(expected).max())


def scrambled(module):
    """The module with parameters and statistics that are nowhere 0 or 1, in evaluation mode."""
    with torch.no_grad():
        for tensor in [*module.parameters(), *(b for b in module.buffers() if b.is_floating_point())]:
            tensor.copy_(torch.tensor(np.abs(RNG.randn(*tensor.shape)) + 0.1))
    return module.eval()


MODULES = {
    "no bias": lambda: [nn.Linear(4, 6, bias=False), nn.ReLU(), nn.Linear(6, 2)],
    "batch norm": lambda: [nn.Linear(4, 6), nn.BatchNorm1d(6, eps=0.1, momentum=0.3), nn.BatchNorm1d(6, affine=False)],
    "batch norm of rows with axes": lambda: [nn.BatchNorm1d(3), nn.Linear(4, 2)],
    "layer norm": lambda: [nn.LayerNorm(4), nn.LayerNorm(4, bias=False), nn.LayerNorm(4, elementwise_affine=False)],
    "layer norm of two axes": lambda: [nn.LayerNorm((3, 4), eps=0.1)],
    "group and rms norm": lambda: [nn.GroupNorm(2, 4), nn.RMSNorm(4), nn.RMSNorm(4, eps=0.1)],
    "group norm of rows with axes": lambda: [nn.GroupNorm(3, 3, affine=False), nn.Linear(4, 2)],
    "noise": lambda: [nn.Dropout(0.2), nn.Linear(4, 3), nn.AlphaDropout(0.2), nn.Identity(), nn.RReLU()],
    "prelu": lambda: [nn.Linear(4, 3), nn.PReLU(), nn.Linear(3, 3), nn.PReLU(3)],
    "prelu of rows with axes": lambda: [nn.PReLU(3), nn.PReLU(), nn.Linear(4, 3)],
    "shapes": lambda: [nn.Flatten(), nn.Linear(12, 6), nn.Unflatten(1, (2, 3)), nn.Linear(3, 2)],
    "nested": lambda: [nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.Tanh(), nn.Linear(4, 2))), nn.Sigmoid()],
}
ACTIVATION_MODULES = {
    **{
        name: {}
        for name in ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Tanh", "Sigmoid", "Softplus", "Softsign", "GELU")
    },
    **{
        name: {} for name in ("Hardswish", "Hardsigmoid", "Hardtanh", "LogSigmoid", "CELU", "ELU", "LeakyReLU", "PReLU")
    },
    **{name: {"dim": -1} for name in ("Softmax", "LogSoftmax")},
}
VARIANTS = [("GELU", {"approximate": "tanh"}), ("ELU", {"alpha": 0.3}), ("LeakyReLU", {"negative_slope": 0.2})]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", MODULES)
def test_from_torch_and_back(name, dtype):
    """Rows 30, 94: outputs of the evaluation mode, and the same weights after the way back."""
    x = DEEP if "axes" in name or name == "shapes" else FLAT
    module = scrambled(nn.Sequential(*MODULES[name]()).to(getattr(torch, dtype)))
    model = from_torch(module, x.shape[1:])
    assert model.dtype == dtype
    assert_alike(model, module, x, dtype)
    back = to_torch(model)
    assert_alike(back, model, x, dtype)
    assert not back.training
    for a, b in zip(module.state_dict().values(), back.state_dict().values(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("name", "settings"), [*ACTIVATION_MODULES.items(), *VARIANTS], ids=str)
def test_activations_from_torch(name, settings):
    """Rows 11, 30. 1e-8 at 20 and more, where PyTorch's softplus is a straight line."""
    module = nn.Sequential(nn.Linear(4, 3), getattr(nn, name)(**settings)).double()
    x = np.concatenate([FLAT, FLAT * 30])
    model = from_torch(module)
    np.testing.assert_allclose(outputs(model, x), outputs(module, x), rtol=1e-8, atol=1e-12)
    assert [type(m) for m in to_torch(model)] == [type(m) for m in module]


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"exp", "exponential", "squareplus"}))
def test_activations_to_torch(name):
    """Row 11: every one that PyTorch has, as an argument and as a layer."""
    model = lamina.Sequential([layers.Dense(4, name, input_shape=(4,)), layers.Activation(name)], dtype="float64")
    np.testing.assert_allclose(outputs(to_torch(model), FLAT), outputs(model, FLAT), rtol=1e-8, atol=1e-12)


LAYERS = {
    "rectifiers": [
        layers.ReLU(6),
        layers.ReLU(negative_slope=0.1),
        layers.Dense(3, layers.LeakyReLU(0.3)),
        layers.PReLU(),
    ],
    "classes": [layers.GELU(True), layers.SELU(), layers.SiLU(), layers.Mish(), layers.Softplus(), layers.Softmax()],
    "halves": [layers.BatchNormalization(scale=False), layers.LayerNormalization(scale=False), layers.Dense(2)],
    "other halves": [layers.BatchNormalization(center=False), layers.GroupNormalization(2, center=False)],
    "shapes": [layers.Reshape((2, -1)), layers.RMSNormalization(), layers.Flatten(), layers.Dense(2, use_bias=False)],
}


@pytest.mark.parametrize("name", LAYERS)
def test_to_torch(name):
    """Rows 30, 94: what was built here."""
    stack = [type(layer).from_config(layer.get_config()) for layer in LAYERS[name]]
    model = lamina.Sequential([lamina.Input((4,)), *stack], dtype="float64")
    for layer in model.layers:
        layer.set_weights([np.abs(RNG.randn(*a.shape)) + 0.1 for a in layer.get_weights()])
    assert_alike(to_torch(model), model, FLAT)


def test_statistics_learned_in_training():
    """Row 31: moving averages after a training on either side, and the convention of the momentum."""
    module = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5, momentum=0.3), nn.Linear(5, 1)).double()
    for _ in range(3):
        module(torch.tensor(FLAT))
    model = from_torch(module)
    assert model.layers[1].momentum == 0.7
    assert module.training, "the mode of the module is left alone"
    assert_alike(model, module.eval(), FLAT)
    model.compile("sgd", "mse")
    model.fit(FLAT, FLAT[:, :1], epochs=2, verbose=0)
    back = to_torch(model)
    assert back[1].momentum == pytest.approx(0.3)
    assert_alike(back, model, FLAT)


def test_frozen_layers():
    """Row 94."""
    module = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    module[0].requires_grad_(False)
    model = from_torch(module)
    assert [layer.trainable for layer in model.layers] == [False, True, True]
    back = to_torch(model)
    assert [p.requires_grad for p in back.parameters()] == [False, False, True, True, True, True]
    module[2].bias.requires_grad_(False)
    with pytest.raises(InvalidParameter, match=r"layer 2 \(from 0\), Linear.*frozen in part"):
        from_torch(module)


def test_weights_are_copies():
    module = nn.Sequential(nn.Linear(4, 2)).double()
    model = from_torch(module)
    back, before = to_torch(model), outputs(model, FLAT)
    with torch.no_grad():
        module[0].weight.zero_()
        back[0].weight.zero_()
    np.testing.assert_array_equal(outputs(model, FLAT), before)


def test_a_module_in_two_places():
    """It is one layer, and its weights are one."""
    twice = nn.Linear(4, 4)
    module = nn.Sequential(twice, nn.Tanh(), twice).double()
    model = from_torch(module)
    assert model.layers[0] is model.layers[2]
    assert_alike(model, module, FLAT)
    back = to_torch(model)
    assert back[0] is back[2]


@unconverged
@pytest.mark.parametrize("kind", ["binary", "classes", "labels"])
def test_classifiers(kind):
    """Row 30: probabilities; of two classes the second's."""
    y = {"binary": FLAT[:, 0] > 0, "classes": [0, 1, 2, 0, 1, 2, 0, 1], "labels": (FLAT[:, :3] > 0).astype(int)}[kind]
    clf = lamina.MLPClassifier(**SETTINGS, activation="leaky_relu", normalization="batch", dropout=0.1).fit(FLAT, y)
    expected = clf.predict_proba(FLAT)
    np.testing.assert_allclose(
        outputs(to_torch(clf), FLAT), expected[:, 1:] if kind == "binary" else expected, rtol=1e-12
    )


@unconverged
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_regressors(n_outputs):
    """Row 30."""
    reg = lamina.MLPRegressor(**SETTINGS, activation="prelu").fit(FLAT, FLAT[:, :n_outputs].squeeze())
    np.testing.assert_allclose(outputs(to_torch(reg), FLAT), reg.predict(FLAT).reshape(-1, n_outputs), rtol=1e-12)


def test_half_precision():
    """Weights in bfloat16 become the same numbers in float32."""
    module = nn.Sequential(nn.Linear(4, 3)).to(torch.bfloat16)
    np.testing.assert_array_equal(from_torch(module).get_weights()[0].T, module[0].weight.detach().float())


REFUSED = {
    r"layer 1 \(from 0\), Conv1d\(.*has no counterpart.*Linear, LogSigmoid": lambda: nn.Conv1d(3, 3, 1),
    "has beta=2": lambda: nn.Softplus(beta=2),
    "has max_val=2": lambda: nn.Hardtanh(max_val=2.0),
    "sums over rows": lambda: nn.Softmax(dim=0),
    "another axis than the last": lambda: nn.LogSoftmax(dim=0),
    "no running statistics": lambda: nn.BatchNorm1d(3, track_running_stats=False),
    "weighs all batches alike": lambda: nn.BatchNorm1d(3, momentum=None),
    "keeps other axes": lambda: nn.Flatten(0),
    "several axes or no weight": lambda: nn.RMSNorm(3, elementwise_affine=False),
}


@pytest.mark.parametrize("said", REFUSED)
def test_modules_that_lamina_has_not(said):
    with pytest.raises(InvalidParameter, match=said):
        from_torch(nn.Sequential(nn.Linear(4, 3), REFUSED[said]()))


def test_what_is_no_stack():
    class Net(nn.Module):
        pass

    class Scaled(nn.Linear):
        pass

    with pytest.raises(InvalidParameter, match=r"Received Net of .*nn\.Sequential\("):
        from_torch(Net())
    with pytest.raises(InvalidParameter, match=r"Scaled\(.*has no counterpart"):
        from_torch(nn.Sequential(Scaled(4, 3)))
    for module in (nn.Sequential(nn.Flatten(), nn.Linear(12, 3)), nn.Sequential(nn.ReLU()), nn.Sequential()):
        with pytest.raises(InvalidParameter, match=r"input_shape=\(28, 28\)"):
            from_torch(module)
    with pytest.raises(InvalidParameter, match="expects input_shape to be the sizes of a row or None"):
        from_torch(nn.Sequential(nn.Linear(4, 3)), 4)


NOT_THERE = {
    '"odd", Residual.*needs Residual, which PyTorch has not': lambda: layers.Residual([layers.Dense(4)]),
    "needs MCDropout": lambda: layers.MCDropout(0.1),
    "needs Lambda": lambda: layers.Dense(2, layers.Lambda(abs)),
    "activation that PyTorch has no module for": lambda: layers.Dense(2, "exp"),
    "schedule as rate": lambda: layers.Dropout(lambda step: 0.5),
    "threshold": lambda: layers.ReLU(threshold=0.5),
}


@pytest.mark.parametrize("said", NOT_THERE)
def test_layers_that_torch_has_not(said):
    odd = NOT_THERE[said]()
    odd.name = "odd"
    with pytest.raises(InvalidParameter, match=said):
        to_torch(lamina.Sequential([layers.Dense(4, input_shape=(4,)), odd]))


@pytest.mark.parametrize(
    "layer",
    [
        layers.BatchNormalization(axis=2),
        layers.GroupNormalization(2),
        layers.LayerNormalization(axis=1),
        layers.RMSNormalization(axis=1),
        layers.PReLU(),
    ],
    ids=repr,
)
def test_axes_that_torch_has_not(layer):
    layer.name = "odd"
    model = lamina.Sequential([lamina.Input((3, 4)), type(layer).from_config(layer.get_config())])
    with pytest.raises(InvalidParameter, match=r"axis|axes"):
        to_torch(model)
