"""The file behind --grid."""

import re
from pathlib import Path

import numpy as np
import pytest

from lamina.cli.grid import ends, read_grid, settings_of
from lamina.errors import FileError, InvalidParameter, UnknownName


@pytest.fixture
def grid(tmp_path):
    def read(text):
        (tmp_path / "g.toml").write_text(text, encoding="utf-8")
        return read_grid(tmp_path / "g.toml")

    return read


def test_lists_as_the_estimator_takes_them(grid):
    (space,) = grid(
        '[grid]\nhidden = [[8], [16, 8]]\nlearning-rate-init = [0.1, "find"]\nnormalization = ["none", "batch"]'
    )
    assert space == {
        "hidden_layer_sizes": [(8,), (16, 8)],
        "learning_rate_init": [0.1, "find"],
        "normalization": [None, "batch"],
    }
    settings = settings_of([space], None, 0)
    assert len(settings) == 8
    assert {"hidden_layer_sizes": (8,), "learning_rate_init": "find", "normalization": None} in settings


def test_several_tables(grid):
    spaces = grid('[[grid]]\nsolver = ["adam"]\nalpha = [1, 2]\n[[grid]]\nsolver = ["sgd"]\nmomentum = [0.5]')
    assert [sorted(setting.items()) for setting in settings_of(spaces, None, 0)] == [
        [("alpha", 1), ("solver", "adam")],
        [("alpha", 2), ("solver", "adam")],
        [("momentum", 0.5), ("solver", "sgd")],
    ]


@pytest.mark.parametrize("log", ["true", "false"])
def test_ranges_of_numbers(grid, log):
    """Half of what is drawn lies below the middle, that of the logarithms with log = true."""
    spaces = grid(f"[grid]\nalpha = {{low = 1e-4, high = 1.0, log = {log}}}")
    drawn = np.array([setting["alpha"] for setting in settings_of(spaces, 400, 0)])
    assert 1e-4 <= drawn.min() < drawn.max() <= 1
    assert np.mean(drawn < (1e-2 if log == "true" else 0.5)) == pytest.approx(0.5, abs=0.08)
    assert dict(ends(spaces[0]))["alpha"] == pytest.approx(1)


@pytest.mark.parametrize("log", ["true", "false"])
def test_ranges_of_whole_numbers(grid, log):
    """Both ends belong to them; with log = true, 8 to 15 are as likely as 16 to 31."""
    spaces = grid(f"[grid]\nbatch_size = {{low = 8, high = 31, log = {log}}}\nseed = {{low = 0, high = 1000000}}")
    drawn = [setting["batch_size"] for setting in settings_of(spaces, 600, 0)]
    assert (min(drawn), max(drawn)) == (8, 31)
    assert all(type(number) is int for number in drawn)
    assert np.mean(np.array(drawn) < 16) == pytest.approx(1 / 2 if log == "true" else 1 / 3, abs=0.06)
    assert list(ends(spaces[0]))[:2] == [("batch_size", 8), ("batch_size", 31)]


def test_draws(grid):
    """A range makes 10 of it, --n-iter as many as it says; the seed decides which; nothing is tried twice."""
    spaces = grid("[grid]\nalpha = {low = 0.5, high = 1.5}")
    assert len(settings_of(spaces, None, 0)) == 10
    assert settings_of(spaces, 4, 1) == settings_of(spaces, 4, 1) != settings_of(spaces, 4, 2)
    few = grid("[grid]\nalpha = [1, 2, 3]\nbatch_size = {low = 4, high = 5}")
    settings = settings_of(few, 40, 0)
    assert len(settings) == 6
    assert settings_of(grid("[grid]\nalpha = [1, 1]"), None, 0) == [{"alpha": 1}]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("alpha = [1]", '"alpha" stands outside of'),
        ("[girds]\nalpha = [1]", '"girds" stands outside of'),
        ("", "has no settings"),
        ("grid = 3", "has no settings"),
        ("[grid]", "has no settings"),
        ("[grid]\nalpha = 1", r"alpha is 1. Expected a list"),
        ("[grid]\nalpha = []", "Expected a list"),
        ("[grid]\nalpha = {low = 1}", "Expected {low"),
        ("[grid]\nalpha = {low = 2, high = 1}", "low below high"),
        ("[grid]\nalpha = {low = true, high = 2}", "low below high"),
        ("[grid]\nalpha = {low = 0, high = 1, log = true}", "low is above 0"),
        ("[grid]\nalpha = {low = 0, high = inf}", "low below high"),
        ("[grid]\nalpha = {low = 1, high = 2, logs = true}", 'Did you mean "log"'),
        ("[grid]\nhidden = [8]\nhidden-layer-sizes = [9]", "hidden-layer-sizes stands twice"),
    ],
)
def test_mistakes(grid, text, sentence):
    with pytest.raises((InvalidParameter, UnknownName), match=sentence) as caught:
        grid(text)
    assert "g.toml" in str(caught.value)


def test_the_mark_that_some_editors_put_in_front_is_no_mistake(grid):
    assert grid("\ufeff[grid]\nalpha = [1]") == [{"alpha": [1]}]


def test_no_file_and_no_toml(grid, tmp_path):
    with pytest.raises(FileError, match="can't be read"):
        read_grid(tmp_path / "none.toml")
    with pytest.raises(FileError, match="is no TOML file"):
        grid("[grid")


def test_the_documentation_shows_a_grid(grid):
    page = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert [len(space) for space in grid(shown)] == [3, 4]
