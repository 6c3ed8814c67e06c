"""Constraints."""

import numpy as np
import pytest

from lamina.checks import Boolean, Is, Name, Number, check_parameters
from lamina.errors import InvalidParameter, UnknownName
from lamina.neural_network import MLPClassifier, MLPRegressor


@pytest.mark.parametrize(
    ("constraint", "good", "bad"),
    [
        (Number(0, 1, open_high=True), [0, 0.5, np.float32(0.1)], [1, -0.1, "0", None, True, np.nan]),
        (Number(1, whole=True), [1, np.int64(5)], [0, 1.0, True]),
        (Name(("a",)), ["a"], ["b", 1, None]),
        (Is(np.inf), [float("inf")], [1.0, None]),
        (Boolean, [True, np.True_], [1, "True"]),
    ],
)
def test_allows(constraint, good, bad):
    assert all(constraint.allows(value) for value in good)
    assert not any(constraint.allows(value) for value in bad)


def test_messages():
    with pytest.raises(InvalidParameter, match=r"Net expects a to be a number above 0. Received a=0."):
        check_parameters("Net", {"a": 0}, {"a": (Number(0, open_low=True),)})
    with pytest.raises(UnknownName, match=r'Unknown Net a "adan"\. Did you mean "adam"'):
        check_parameters("Net", {"a": "adan"}, {"a": (Name(("adam", "sgd")),)})


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_every_parameter_has_a_constraint(cls):
    assert set(cls._constraints) == set(cls().get_params())
