"""Fold whole texts at once: letters and digits for ``str.translate``, a blank for each separator."""

from klean_stream.text.folding import FOLD, SYMBOL
from klean_stream.text.scripts import SILENT, WRITING


class _Spaced(dict[int, str]):
    """From a code point to its folded letters, to a blank (separator) or to nothing (marks, invisibles)."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        letters = FOLD[character] or ("" if WRITING[character] in SILENT else " ")
        if len(letters) != 1:
            _UNEVEN.add(character)
        if not character.isascii() and SYMBOL[character]:
            SYMBOLS.add(character)
        self[point] = letters
        return letters


_UNEVEN: set[str] = set()
"""Characters met so far that do not become exactly one."""

SYMBOLS: set[str] = set()
"""Characters met so far that are symbols written for letters, beyond ASCII."""

SPACED = _Spaced()

ASCII_SPACED = bytes(ord(SPACED[point]) for point in range(128)) + bytes(128)
"""The same for ``bytes.translate``."""
ASCII_LETTERS = bytes(point != ord(" ") for point in range(256))
"""For ``bytes.translate`` of what came out: 0 for blanks, 1 for letters."""


def is_even(text: str) -> bool:
    """Tell if each character of a text that was translated has become exactly one."""
    return _UNEVEN.isdisjoint(text)
