"""One column, by hand."""

import datetime

import narwhals as nw
import numpy as np
import polars as pl
import pytest

from lamina.data.column import encoded_names, kind_of, learn, width_of, write, write_known


def series(values, dtype=None):
    return nw.from_native(pl.Series("x", values, dtype=dtype), series_only=True)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "number"),
        ([None, None], "number"),
        ([True, None], "boolean"),
        ([datetime.date(2020, 1, 1)], "date"),
        (["a", None], "text"),
    ],
)
def test_kinds(values, kind):
    assert kind_of(series(values)) == kind


def test_a_number():
    """1, 3, a gap and 8: the gap is the median 3, the mean 15 / 4, the variance 26.75 / 4."""
    column = learn(series([1.0, 3.0, None, 8.0]), 30)
    assert (column["fill"], column["mean"]) == (3.0, 3.75)
    assert column["scale"] == pytest.approx((26.75 / 4) ** 0.5)
    out = np.zeros((2, 1))
    write(series([None, 8.0]), column, None, out)
    np.testing.assert_allclose(out[:, 0], (np.array([3, 8]) - 3.75) / column["scale"])
    write_known(series([None, 8.0]), column, None, out)
    assert np.isnan(out[0, 0])


def test_a_text():
    """The two most frequent categories, one column for the others and one for gaps."""
    column = learn(series(["b", "b", "a", "a", "c", None]), 2)
    assert encoded_names(column) == ["x_a", "x_b", "x_(other)", "x_(missing)"]
    out = np.zeros((4, width_of(column)))
    write(series(["b", "new", None, "a"]), column, None, out)
    np.testing.assert_array_equal(out, [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]])
    out[:] = 0
    write_known(series(["b", "new", None, "a"]), column, None, out)
    np.testing.assert_array_equal(out[2], 0)
