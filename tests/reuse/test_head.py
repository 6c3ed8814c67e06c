"""Which weights an output begins with."""

import numpy as np
import pytest

from lamina.errors import DataError
from lamina.layers import Dense
from lamina.reuse.columns import Columns
from lamina.reuse.head import head_for_classes, head_for_numbers
from lamina.reuse.source import Source


def source_of(classes=None, units=3, link="softmax", only_counts=False):
    """A source whose output has the kernel 0, 1, 2, ... for two inputs."""
    output = Dense(units)
    output.build((2,))
    output.set_weights([np.arange(2.0 * units).reshape(2, units), np.arange(float(units))])
    classes = None if classes is None else np.array(classes)
    return Source([], [[]], output, link, "float64", Columns((2,), 2), None, classes, only_counts)


@pytest.mark.parametrize(
    ("classes", "y", "expected"),
    [
        ([0, 1, 2], [5, 6], [5, 6]),  # all new
        ([0, 1, 2], [2, 5], [0, 1, 2, 5]),  # one is known
        ([0, 1, 2], [True, False], [False, True]),  # True is not the class 1
        (["a", "b", "c"], [0, 1], [0, 1]),
        (["a", "b", "c"], ["c", "d"], ["a", "b", "c", "d"]),
        (None, [0, 1], [0, 1]),  # a source that has no classes, such as a regressor
    ],
)
def test_classes_under_auto(classes, y, expected):
    """Row 95: the classes of the source stay where `y` has one of them."""
    assert head_for_classes("auto", source_of(classes), True, np.array(y)).classes.tolist() == expected


def test_numbers_of_outputs_are_no_names():
    """A source that counts its outputs 0, 1, 2 has the class 0 of another task only by chance; all of them, not."""
    source = source_of([0, 1, 2], only_counts=True)
    assert head_for_classes("auto", source, True, np.array([0, 1])).known is None
    assert head_for_classes("auto", source, True, np.arange(4)).classes.tolist() == [0, 1, 2, 3]
    assert head_for_classes("keep", source, True, np.array([0, 1])).classes.tolist() == [0, 1, 2]


def test_columns_of_known_classes():
    """Row 95: by hand; the new class 1 comes in between and begins with a drawn column."""
    kernel, bias, columns = head_for_classes("auto", source_of([0, 2, 4]), True, np.array([1, 2])).known
    np.testing.assert_array_equal(kernel, [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(bias, [0, 1, 2])
    assert columns.tolist() == [0, 2, 3]


def test_one_logistic_output_for_two_classes():
    """Row 95: for z = w x + b, softmax(-z/2, z/2) is logistic(z), and back."""
    one = source_of([0, 1], units=1, link="logistic")
    kernel, bias, _ = head_for_classes("auto", one, True, np.array([0, 1, 2])).known
    np.testing.assert_array_equal(kernel, [[0, 0], [-0.5, 0.5]])
    np.testing.assert_array_equal(bias, [0, 0])
    kernel, bias, columns = head_for_classes("auto", source_of([0, 1], units=2), True, np.array([0, 1])).known
    np.testing.assert_array_equal(kernel, [[1], [1]])
    assert bias.tolist() == [1]
    assert columns.tolist() == [0]


def test_several_numbers():
    """As many targets behind the same activation are kept."""
    kernel, _, columns = head_for_numbers("auto", source_of(link="identity"), True, 3, "identity").known
    assert kernel.shape == (2, 3)
    assert columns.tolist() == [0, 1, 2]
    assert head_for_numbers("auto", source_of(link="identity"), True, 2, "identity").known is None
    assert head_for_numbers("auto", source_of(link="identity"), False, 3, "identity").known is None
    assert head_for_numbers("new", source_of(link="identity"), True, 3, "identity").known is None


@pytest.mark.parametrize(
    ("source", "y", "message"),
    [
        (source_of([0, 1, 2]), np.array(["a", "b"]), "y has labels such as .*'a'.*, and the source such as .*0"),
        (source_of(), np.array([0, 1]), "needs an output to keep, but the source has 3 with"),
        (source_of([0, 1, 2]), np.array([0.5, 1.5]), "Unknown label type: continuous"),
    ],
)
def test_what_cannot_be_kept(source, y, message):
    with pytest.raises(DataError, match=message):
        head_for_classes("keep", source, True, y)
    with pytest.raises(DataError, match=r'needs an output for 2 columns of y.*Use head="new"'):
        head_for_numbers("keep", source, True, 2, "identity")
