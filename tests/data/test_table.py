"""Reading tables, choosing the target and the task."""

import numpy as np
import polars as pl
import pytest

from lamina.data.table import choose_target, choose_task, drop_missing_targets, read_table, target_values
from lamina.errors import DataError, FileError, UnknownName

FRAME = pl.DataFrame({"n": [1, 2], "x": [0.5, None], "t": ["a", "b"]})


def test_the_three_formats_give_the_same_table(tmp_path):
    FRAME.write_csv(tmp_path / "t.csv")
    FRAME.write_csv(tmp_path / "t.TSV", separator="\t")
    FRAME.write_parquet(tmp_path / "t.parquet")
    for name in ("t.csv", "t.TSV", "t.parquet"):
        assert read_table(tmp_path / name).equals(FRAME), name


def test_a_late_surprise_in_a_column_is_read(tmp_path):
    path = tmp_path / "late.csv"
    path.write_text("n\n" + "1\n" * 20_000 + "2.5\n")
    assert read_table(path)["n"][-1] == 2.5
    path.write_text("n\n" + "1\n" * 20_000 + "unknown\n")
    assert read_table(path)["n"].dtype == pl.String


@pytest.mark.parametrize(
    ("name", "content", "error", "sentence"),
    [
        ("missing.csv", None, FileError, "does not exist"),
        ("table.xlsx", b"PK", FileError, r'ends in ".xlsx". Expected one of .csv, .tsv, .parquet'),
        ("empty.csv", b"", DataError, "is empty"),
        ("names.csv", b"a,b\n", DataError, "no rows"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3,4\n", DataError, "can't be read as CSV"),
        ("false.parquet", b"a,b\n1,2\n", DataError, "can't be read as PARQUET"),
    ],
)
def test_unreadable_files_are_explained(tmp_path, name, content, error, sentence):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=sentence) as caught:
        read_table(tmp_path / name)
    assert name in str(caught.value)


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(FileError, match="is a folder"):
        read_table(tmp_path)


@pytest.mark.parametrize(
    ("columns", "wanted", "target"),
    [
        (["a", "b", "c"], None, "c"),
        (["a", "b", "c"], "a", "a"),
        (["a", "Target", "c"], None, "Target"),
        (["y", "label", "c"], None, "label"),
        (["CLASS", "c"], None, "CLASS"),
        (["Y", "y", "c"], None, "Y"),
    ],
)
def test_the_target_column(columns, wanted, target):
    assert choose_target(columns, wanted) == target


def test_an_unknown_target_gets_a_proposal():
    with pytest.raises(UnknownName, match=r'Unknown column "prise". Did you mean "price"'):
        choose_target(["size", "price"], "prise")


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"], "classification"),
        ([True, False], "classification"),
        (list(range(20)), "classification"),
        ([*range(20), None], "classification"),
        (list(range(21)), "regression"),
        ([1.0, 2.0], "regression"),
    ],
)
def test_the_task(values, task):
    assert choose_task(pl.Series("t", values)) == task


def test_a_date_is_no_target():
    dates = pl.Series("when", ["2026-01-01"]).str.to_date()
    with pytest.raises(DataError, match='"when" holds Date'):
        choose_task(dates)


def test_target_values():
    assert target_values(pl.Series(["a", "b"]), "classification").dtype.kind == "U"
    assert target_values(pl.Series([True, False]), "classification").dtype == bool
    assert target_values(pl.Series([1.0, 2.0]), "classification").tolist() == [1, 2]
    assert target_values(pl.Series(["1.5", "2"]), "regression").tolist() == [1.5, 2.0]


@pytest.mark.parametrize(
    ("values", "task", "sentence"),
    [
        ([0.5, 1.0], "classification", "numbers with fractions"),
        (["a", "b"], "regression", "a regression needs numbers"),
        ([1.0, np.inf], "regression", "infinite"),
    ],
)
def test_targets_that_do_not_fit_the_task(values, task, sentence):
    with pytest.raises(DataError, match=sentence):
        target_values(pl.Series("price", values), task)


def test_rows_without_target_are_dropped():
    assert drop_missing_targets(pl.DataFrame({"a": [1, 2, 3], "t": [0.5, None, float("nan")]}), "t")["a"].to_list() == [
        1
    ]
    with pytest.raises(DataError, match="missing in every row"):
        drop_missing_targets(pl.DataFrame({"t": pl.Series([None], dtype=pl.Int64)}), "t")
