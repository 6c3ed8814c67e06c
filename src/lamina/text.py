"""Texts that come from data, before people see them."""

from __future__ import annotations

import re

#: control characters, directions of writing and halves of characters: on a page or a terminal, they are no text
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    r"""The text with a replacement character for each that is no text.

    >>> printable("a name\x1b[2J")
    'a name�[2J'
    """
    return UNPRINTABLE.sub("\ufffd", text)
