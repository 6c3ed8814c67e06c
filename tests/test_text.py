"""Texts that come from data."""

import pytest

from lamina.text import printable


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x9b", "\u202e", "\u2066", "\udcff"])
def test_what_commands_a_terminal_or_turns_a_line_around_is_replaced(character):
    assert printable(f"a{character}b") == "a\ufffdb"
    printable(character).encode()


@pytest.mark.parametrize("text", ["Größe\t1\n2", "שלום", "漢字", "👩‍🔬"])
def test_the_writing_of_all_languages_stays(text):
    assert printable(text) == text
