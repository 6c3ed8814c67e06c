"""Exceptions: each says what was received, what was expected and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UnknownName(ValueError):
    """A name that is in no list of known names; the message proposes the nearest."""

    @classmethod
    def among(cls, what: str, given: object, known: Iterable[str]) -> UnknownName:
        """Build the message for `given`, which was looked up as a `what` among `known`."""
        names = sorted(known)
        near = difflib.get_close_matches(given.lower(), names, n=1, cutoff=0.6) if isinstance(given, str) else []
        hint = f' Did you mean "{near[0]}"?' if near else ""
        shown = f'"{given}"' if isinstance(given, str) else repr(given)
        return cls(f"Unknown {what} {shown}.{hint} Known: {', '.join(names)}.")


class InvalidParameter(ValueError, TypeError):
    """A parameter outside its allowed values (a ValueError and, as in scikit-learn, a TypeError)."""


class DataError(ValueError):
    """Data that cannot be trained on or predicted from; the message names the place."""


class DivergenceError(ValueError):
    """Training produced non-finite or exploding numbers; the last finite weights are kept."""


class FileError(ValueError):
    """A file that is missing, truncated, foreign or not readable by this version."""
