"""The table encoder, on pandas and polars frames and arrays."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from lamina.data.encode import TableEncoder
from lamina.errors import DataError

ROWS = {
    "age": [10, 20, None, 60],
    "ok": [True, False, None, True],
    "city": ["Ulm", "Bern", None, "Ulm"],
    "same": [3.0, 3.0, 3.0, 3.0],
    "none": [None, None, None, None],
}


@pytest.fixture(params=["pandas", "polars"])
def table(request):
    return pd.DataFrame if request.param == "pandas" else pl.DataFrame


def test_a_worked_example(table):
    encoder = TableEncoder(clip=None)
    encoded = encoder.fit_transform(table(ROWS))
    # age: median 20 fills the gap; mean 27.5, standard deviation sqrt((17.5² + 7.5² + 7.5² + 32.5²) / 4) = 19.2029
    age = (np.array([10, 20, 20, 60]) - 27.5) / 19.202864
    expected = np.column_stack([age, [1, 0, 1, 1], [0, 1, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0], np.zeros(4), np.zeros(4)])
    assert encoded.dtype == np.float32
    np.testing.assert_allclose(encoded, expected, rtol=1e-6)
    names = ["age", "ok", "city_Bern", "city_Ulm", "city_(missing)", "same", "none"]
    assert encoder.get_feature_names_out().tolist() == names


def test_pandas_and_polars_agree():
    encoder = TableEncoder().fit(pd.DataFrame(ROWS))
    np.testing.assert_array_equal(encoder.transform(pl.DataFrame(ROWS)), encoder.transform(pd.DataFrame(ROWS)))


def test_statistics_come_from_the_training_rows(table):
    encoder = TableEncoder(clip=None).fit(table({"a": [0.0, 2.0]}))
    np.testing.assert_array_equal(encoder.transform(table({"a": [5.0, None]})), [[4.0], [0.0]])


def test_far_values_are_limited(table):
    encoder = TableEncoder(clip=3.0).fit(table({"a": [0.0, 2.0]}))  # mean 1, standard deviation 1
    encoded = encoder.transform(table({"a": [1.0, 4.0, 1e9]}))
    np.testing.assert_allclose(encoded[:, 0], [0, 3 / np.sqrt(2), 3], rtol=1e-6)


def test_categories(table):
    encoder = TableEncoder().fit(table({"c": ["b", "a", "b"]}))
    np.testing.assert_array_equal(
        encoder.transform(table({"c": ["a", "new", None, "b"]})), [[1, 0], [0, 0], [0, 0], [0, 1]]
    )


def test_rare_categories_share_a_column(table):
    encoder = TableEncoder(max_categories=2).fit(table({"c": ["a", "a", "b", "b", "c", "d"]}))
    assert encoder.get_feature_names_out().tolist() == ["c_a", "c_b", "c_(other)"]
    np.testing.assert_array_equal(encoder.transform(table({"c": ["d", "a", "new"]})), [[0, 0, 1], [1, 0, 0], [0, 0, 1]])


def test_dates_are_days(table):
    days = [datetime.date(2026, 1, 1), datetime.date(2026, 1, 3), None]
    encoder = TableEncoder(clip=None).fit(
        table({"d": pd.to_datetime(pd.Series(days)) if table is pd.DataFrame else days})
    )
    assert encoder.columns_[0]["fill"] == 20455.0  # days from 1970-01-01 to 2026-01-02
    later = pl.DataFrame({"d": [datetime.datetime(2026, 1, 2, 12)]})
    np.testing.assert_allclose(encoder.transform(later), [[0.5 / np.std([-1, 1, 0])]], rtol=1e-5)


def test_columns_are_found_by_name(table):
    encoder = TableEncoder(clip=None).fit(table({"a": [0.0, 2.0], "b": [1.0, 5.0]}))
    np.testing.assert_array_equal(encoder.transform(table({"more": ["x"], "b": [5.0], "a": [0.0]})), [[-1.0, 1.0]])


def test_changed_columns_are_shown_as_a_diff(table):
    encoder = TableEncoder().fit(table({"age": [1, 2], "income": [1, 2]}))
    with pytest.raises(DataError, match=r"\n  age\n- income\n\+ salary$"):
        encoder.transform(table({"salary": [1], "age": [1]}))


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_infinity_is_named(table, bad):
    with pytest.raises(DataError, match='Column "speed" has infinite'):
        TableEncoder().fit(table({"a": [1.0], "speed": [bad]}))
    with pytest.raises(DataError, match='Column "speed" has infinite'):
        TableEncoder().fit(table({"speed": [1.0]})).transform(table({"speed": [bad]}))


def test_text_where_numbers_were(table):
    encoder = TableEncoder(clip=None).fit(table({"age": [1, 2]}))
    np.testing.assert_array_equal(encoder.transform(table({"age": ["2", "1"]})), [[1.0], [-1.0]])
    with pytest.raises(DataError, match=r'Column "age" holds .*, the training had a number there'):
        encoder.transform(table({"age": ["old"]}))


def test_numbers_where_text_was():
    encoder = TableEncoder().fit(pl.DataFrame({"code": ["1", "2", "x"]}))
    np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"code": [2.0, np.nan]})), [[0, 1, 0], [0, 0, 0]])


def test_truths_written_as_text():
    encoder = TableEncoder().fit(pl.DataFrame({"ok": [True, False]}))
    np.testing.assert_array_equal(encoder.transform(pl.DataFrame({"ok": ["true", "False", None]})), [[1], [0], [0.5]])


def test_columns_that_cannot_be_encoded():
    with pytest.raises(DataError, match='"lists" holds List'):
        TableEncoder().fit(pl.DataFrame({"lists": [[1], [2]]}))
    with pytest.raises(DataError, match="at least one row"):
        TableEncoder().fit(pl.DataFrame({"a": []}))


def test_categorical_columns():
    frame = pd.DataFrame({"c": pd.Categorical(["x", None, "y"])})
    names = TableEncoder().fit(frame).get_feature_names_out().tolist()
    assert names == ["c_x", "c_y", "c_(missing)"]


def test_arrays():
    X = np.array([[0.0, 1.0], [2.0, np.nan]])
    encoder = TableEncoder(clip=None).fit(X)
    np.testing.assert_array_equal(encoder.transform(X), [[-1, 0], [1, 0]])
    assert encoder.get_feature_names_out().tolist() == ["x0", "x1"]
    mixed = TableEncoder().fit(np.array([["a", 1], ["b", 3]], dtype=object))
    assert mixed.get_feature_names_out().tolist() == ["x0_a", "x0_b", "x1"]
    with pytest.raises(DataError, match="Got 3 columns, expected 2"):
        encoder.transform(np.ones((1, 3)))
    with pytest.raises(DataError, match=r"shape \(3,\)"):
        encoder.transform(np.ones(3))


def test_scikit_learn_manners():
    with pytest.raises(NotFittedError):
        TableEncoder().transform(np.ones((1, 1)))
    assert clone(TableEncoder(max_categories=3)).max_categories == 3
    frame = pl.DataFrame({"a": [0.0, 2.0]})
    assert TableEncoder().set_output(transform="polars").fit_transform(frame).columns == ["a"]
    assert frame.equals(pl.DataFrame({"a": [0.0, 2.0]}))
