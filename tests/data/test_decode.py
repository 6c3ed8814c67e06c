"""From encoded columns back to the table."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

from lamina.data import TableEncoder
from lamina.data.encode import is_mixed

COLUMNS = {
    "size": [1.0, 3.0, 8.0, 2.0],
    "ok": [True, False, True, True],
    "when": [datetime.datetime(2020, 1, day) for day in (1, 2, 5, 9)],
    "city": ["Ulm", "Bern", "Ulm", "Rome"],
    "same": [7, 7, 7, 7],
}


@pytest.mark.parametrize("library", [pd, pl])
@pytest.mark.parametrize("clip", [None, 3.0])
def test_what_is_encoded_comes_back(library, clip):
    """float32 numbers keep six digits, which are seconds for dates that are days apart."""
    table = library.DataFrame(COLUMNS)
    encoder = TableEncoder(clip=clip).fit(table)
    back = encoder.inverse_transform(encoder.transform(table))
    assert type(back) is type(table)
    assert list(back.columns) == list(table.columns)
    np.testing.assert_allclose(back["size"].to_numpy(), COLUMNS["size"], rtol=1e-5)
    assert list(back["ok"]) == COLUMNS["ok"]
    assert list(back["city"]) == COLUMNS["city"]
    assert list(back["same"]) == COLUMNS["same"]
    assert all(abs(a - b) < datetime.timedelta(seconds=5) for a, b in zip(back["when"], COLUMNS["when"]))


def test_most_probable_category_and_never_that_it_is_missing():
    table = pl.DataFrame({"city": ["Ulm", "Ulm", "Bern", "Bern", "Rome", None]})
    encoder = TableEncoder(max_categories=2).fit(table)
    assert [str(name) for name in encoder.get_feature_names_out()] == [
        "city_Bern",
        "city_Ulm",
        "city_(other)",
        "city_(missing)",
    ]
    shares = np.array([[0.1, 0.2, 0.3, 0.4], [0.0, 0.3, 0.2, 0.5]])
    assert encoder.inverse_transform(shares)["city"].to_list() == ["(other)", "Ulm"]


def test_targets_say_what_is_missing():
    table = pl.DataFrame({"size": [1.0, None, 3.0], "city": ["Ulm", "Bern", None], "ok": [True, None, False]})
    encoder = TableEncoder(clip=None).fit(table)
    wanted = [[-np.sqrt(1.5), 0, 1, 0, 1], [np.nan, 1, 0, 0, np.nan], [np.sqrt(1.5), 0, 0, 0, 0]]
    np.testing.assert_allclose(encoder.targets(table), wanted, rtol=1e-6)  # float32
    assert encoder.blocks() == [("number", 1), ("category", 3), ("boolean", 1)]
    assert encoder.widths() == [1, 3, 1]
    assert not np.isnan(encoder.transform(table)).any()


def test_which_tables_need_an_encoder():
    numbers = {"a": [1.0, 2.0], "b": [1, 2], "c": [True, False]}
    assert not is_mixed(pd.DataFrame(numbers))
    assert not is_mixed(np.array([[np.nan]]))
    for name, values in {"d": ["x", "y"], "e": [1.0, None], "f": COLUMNS["when"][:2]}.items():
        assert is_mixed(pd.DataFrame({**numbers, name: values}))
        assert is_mixed(pl.DataFrame({**numbers, name: values}))
