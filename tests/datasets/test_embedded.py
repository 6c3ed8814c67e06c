"""The embedded data sets."""

import polars as pl
import pytest

from lamina import datasets
from lamina.data.table import choose_task
from lamina.errors import UnknownName

SHAPES = {"digits": (1797, 65), "iris": (150, 5), "wine": (178, 14), "breast_cancer": (569, 31), "diabetes": (442, 11)}


@pytest.mark.parametrize("name", SHAPES)
def test_a_table_whose_last_column_is_the_target(name):
    frame, target, task = datasets.load(name)
    assert frame.shape == SHAPES[name]
    assert frame.columns[-1] == target
    assert all(dtype.is_numeric() for dtype in frame.drop(target).dtypes)
    assert choose_task(frame[target]) == task or name == "diabetes"


def test_every_set_is_in_this_table():
    assert set(datasets.EMBEDDED) == set(SHAPES)


def test_classes_have_their_names():
    assert datasets.load("iris")[0]["species"].unique().sort().to_list() == ["setosa", "versicolor", "virginica"]
    assert datasets.load()[0]["digit"].dtype == pl.Int64


def test_an_unknown_set_gets_a_proposal():
    with pytest.raises(UnknownName, match=r'Did you mean "digits"'):
        datasets.load("digit")
