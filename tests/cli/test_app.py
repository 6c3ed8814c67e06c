"""The command itself: help, version, and what it must not import."""

import subprocess
import sys

HEAVY = "jax, sklearn, polars, matplotlib, numpy"


def test_help_names_the_commands(lamina):
    text = lamina("--help").output
    assert all(word in text for word in ("fit", "predict", "evaluate"))


def test_help_of_fit_names_the_options(lamina):
    text = lamina("fit", "--help").output
    assert all(word in text for word in ("--target", "--hidden", "--early-stopping", "--config", "--seed"))


def test_version(lamina):
    assert lamina("--version").output.startswith("lamina ")


def test_unknown_words_are_bad_usage(lamina):
    lamina("fti", code=2)
    lamina("fit", "--no-such-option", code=2)
    lamina("fit", "iris", "--alpha", "much", code=2)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from lamina.cli import main; sys.argv = ['lamina', 'fit', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"heavy = [name for name in '{HEAVY}'.split(', ') if name in sys.modules]; assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
