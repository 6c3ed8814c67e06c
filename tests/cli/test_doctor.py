"""lamina doctor."""

import json

from .conftest import QUICK

SHORT = QUICK[:-1]  # it is quiet anyway


def test_a_table(lamina, people):
    """It takes the options of fit, writes nothing, and prints the diagnosis."""
    out = lamina("doctor", "people.csv", *SHORT).stdout
    assert "Target  class" in out
    assert any(word in out for word in ("healthy", "warning", "severe"))


def test_json_only(lamina, people):
    out = lamina("doctor", "people.csv", "--target", "price", "--json", "--learning-rate-init", "1e-7", *SHORT).stdout
    diagnosis = json.loads(out)
    assert "learning_rate_too_low" in [finding["code"] for finding in diagnosis["findings"]]


def test_mistakes(lamina, people):
    assert "Did you mean" in lamina("doctor", "people.csv", "--activation", "rleu", code=2).stderr
    assert "No such option" in lamina("doctor", "people.csv", "--out", "run", code=2).stderr
