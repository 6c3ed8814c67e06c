"""scikit-learn's own test module for its networks, run from the installed package with our two classes in it."""

import importlib
import inspect

import pytest
from sklearn.neural_network.tests import test_mlp as upstream

import lamina

#: tests that cannot or shall not hold here, and why
EXCEPTED = {
    "test_gradient": "reads the private _loss_grad_lbfgs; gradients are checked in tests/engine/test_step.py",
    "test_learning_rate_warmstart": "reads the private _optimizer",
    "test_adaptive_learning_rate": "reads the private _optimizer",
    "test_mlp_partial_fit_after_fit": "early stopping works with partial_fit here",
    "test_mlp_diverging_loss": "a diverging training is an error here",
}

TESTS = {name: test for name, test in inspect.getmembers(upstream, inspect.isfunction) if name.startswith("test_")}


def _cases():
    """(test, keyword arguments) for every test and every combination of its parametrize marks."""
    for name, test in TESTS.items():
        combinations = [{}]
        for mark in getattr(test, "pytestmark", []):
            if mark.name != "parametrize":
                continue
            names = [n.strip() for n in mark.args[0].split(",")]
            values = [v if len(names) > 1 else (v,) for v in mark.args[1]]
            combinations = [{**c, **dict(zip(names, v))} for c in combinations for v in values]
        for i, arguments in enumerate(combinations):
            yield pytest.param(name, arguments, id=f"{name}-{i}")


def test_exceptions_exist():
    assert set(EXCEPTED) <= set(TESTS)


@pytest.mark.parametrize(("name", "arguments"), list(_cases()))
@pytest.mark.filterwarnings("ignore")  # upstream tests warn about convergence by design
def test_upstream(name, arguments, request, monkeypatch):
    if name in EXCEPTED:
        pytest.skip(EXCEPTED[name])
    ours = {"MLPClassifier": lamina.MLPClassifier, "MLPRegressor": lamina.MLPRegressor}
    for class_name, ours_class in ours.items():
        monkeypatch.setattr(upstream, class_name, ours_class)
    theirs = {getattr(importlib.import_module("sklearn.neural_network"), n): c for n, c in ours.items()}
    arguments = {
        key: theirs.get(value, value) if isinstance(value, type) else value for key, value in arguments.items()
    }
    for parameter in inspect.signature(TESTS[name]).parameters:
        if parameter == "global_random_seed":
            arguments[parameter] = 42
        elif parameter not in arguments:
            arguments[parameter] = request.getfixturevalue(parameter)
    TESTS[name](**arguments)
