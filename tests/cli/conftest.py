"""The command line, run in this process in an empty folder."""

import pytest
from typer.testing import CliRunner

from lamina.cli.app import app

QUICK = ["--hidden", "8", "--max-iter", "4", "--quiet"]


@pytest.fixture
def lamina(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture(scope="session")
def people_table():
    """A small table of numbers, truths, dates, text and gaps."""
    import numpy as np
    import polars as pl

    rng = np.random.RandomState(0)
    n = 80
    age, city = rng.uniform(18, 80, n), rng.choice(["Ulm", "Bern", "Rome"], n)
    return pl.DataFrame(
        {
            "age": pl.Series(age).set(pl.Series(rng.rand(n) < 0.1), None),
            "city": city,
            "member": rng.rand(n) < 0.5,
            "class": np.where((age > 50) ^ (city == "Ulm"), "old", "young"),
            "since": pl.Series(rng.randint(0, 9000, n)).cast(pl.Date),
            "price": 100_000 + 1e4 * age,
        }
    )


@pytest.fixture
def people(people_table, tmp_path):
    """The same, and the file people.csv with it."""
    people_table.write_csv(tmp_path / "people.csv")
    return people_table
