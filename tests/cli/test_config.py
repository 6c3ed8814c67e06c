"""--config: a file with the same names as the options."""

import pytest

from lamina.persistence import load


def test_the_file_gives_defaults_and_the_command_line_wins(lamina, tmp_path):
    (tmp_path / "c.toml").write_text(
        "hidden = [6, 5]\nmax-iter = 2\nlearning_rate_init = 0.5\nverbose = false\nalpha = 1\n"
    )
    lamina("fit", "iris", "--alpha", "0.25", "--no-early-stopping", "--config", "c.toml", "--out", "run")
    parameters = load(tmp_path / "run")["mlp"].get_params()
    assert parameters["hidden_layer_sizes"] == (6, 5)
    assert parameters["max_iter"] == 2
    assert parameters["learning_rate_init"] == 0.5
    assert parameters["alpha"] == 0.25


def test_data_may_stand_in_the_file(lamina, tmp_path):
    (tmp_path / "c.toml").write_text('data = "iris"\nhidden = "4"\nmax-iter = 2\nverbose = false\n')
    assert "iris: 150 rows" in lamina("fit", "--config", "c.toml").stdout


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("hiden = 3", "hidden"), ("hidden = [", "TOML"), ("max-iter = 'many'", "max-iter"), (None, "read")],
)
def test_mistakes(lamina, tmp_path, text, sentence):
    if text is not None:
        (tmp_path / "c.toml").write_text(text)
    assert sentence in lamina("fit", "iris", "--config", "c.toml", code=2).stderr
