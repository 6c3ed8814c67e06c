"""Summaries of tables, compared with NumPy."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array

from lamina.errors import DataError
from lamina.report.columns import MOST_COLUMNS, clip, describe_table, describe_target


@pytest.mark.parametrize("frame", [pl.DataFrame, pd.DataFrame])
def test_kinds_and_gaps(frame):
    table = frame(
        {"x": [1.0, None, 4.0, 4.0], "city": ["Ulm", "Ulm", "Bern", None], "member": [True, False, True, True]}
    )
    x, city, member = describe_table(table)["columns"]
    assert (x["kind"], x["missing"], x["low"], x["mean"], x["high"]) == ("numbers", 0.25, 1.0, 3.0, 4.0)
    assert (city["kind"], city["missing"], city["text"]) == ("text", 0.25, "2 different: Ulm (2), Bern (1)")
    assert (member["kind"], member["low"]) == ("yes or no", None)


def test_dates_and_empty_columns():
    day = datetime.date
    since, empty = describe_table(pl.DataFrame({"since": [day(2020, 1, 2), day(2021, 3, 4)], "e": [None, None]}))[
        "columns"
    ]
    assert (since["kind"], since["text"]) == ("dates", "2020-01-02 to 2021-03-04")
    assert empty["missing"] == 1


@pytest.mark.parametrize("make", [np.asarray, csr_array, list])
def test_arrays_get_numbered_columns(make):
    found = describe_table(make([[1.0, 2.0], [3.0, 6.0]]))
    assert [(column["name"], column["mean"]) for column in found["columns"]] == [("column 1", 2.0), ("column 2", 4.0)]
    with pytest.raises(DataError, match=r"shape \(3,\)"):
        describe_table(np.ones(3))


def test_wide_tables_and_long_names_stay_small():
    found = describe_table(np.zeros((2, 1000)))
    assert (found["n_columns"], len(found["columns"])) == (1000, MOST_COLUMNS)
    assert len(clip("x" * 1000)) == 80


def test_targets():
    of_classes = describe_target("kind", np.array(["a", "b", "b", "b"]), True)
    assert of_classes["classes"] == [{"name": "b", "rows": 3, "share": 0.75}, {"name": "a", "rows": 1, "share": 0.25}]
    y = np.array([1.0, 2.0, 6.0])
    numbers = describe_target("price", y, False)["numbers"]
    assert numbers == pytest.approx({"low": 1, "median": 2, "mean": 3, "high": 6, "deviation": y.std()})
    assert len(describe_target("id", np.arange(1000), True)["classes"]) == 100
