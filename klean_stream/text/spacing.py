"""Fold whole texts at once: letters and digits for ``str.translate``, a blank for each separator."""

from typing import Final

from klean_stream.text.folding import FOLD, SYMBOL
from klean_stream.text.scripts import SILENT, UNPARTED, WRITING
from klean_stream.text.stylised import CALLS_STYLISED, CALLS_TURNED


class _Spaced(dict[int, str]):
    """From a code point to its folded letters, to a blank (separator) or to nothing (marks, invisibles)."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        letters = FOLD[character] or ("" if WRITING[character] in SILENT else " ")
        if len(letters) != 1:
            UNEVEN.add(character)
        if not character.isascii() and _is_odd(character, letters):
            ODD.add(character)
        if not character.isascii() and (len(letters) != 1 or not character.isalnum() or character in ODD):
            UNUSUAL.add(character)
        self[point] = letters
        return letters


def _is_odd(character: str, letters: str) -> bool:
    return (
        character in CALLS_STYLISED
        or character in CALLS_TURNED
        or SYMBOL[character] != ""
        or any(not c.isascii() and WRITING[c] not in UNPARTED for c in letters)
    )


UNEVEN: Final[set[str]] = set()
"""Characters met so far that do not become exactly one."""

ODD: Final[set[str]] = set()
"""Characters met so far, beyond ASCII, that call for more than the plain view: symbols that are written for letters,
letters that are made up from other scripts, letters that no table reads as Latin ones."""

UNUSUAL: Final[set[str]] = set()
"""Those of both, and all symbols beyond ASCII that were met so far: most texts have none of them."""

SPACED: Final = _Spaced()

ASCII_SPACED: Final = bytes(ord(SPACED[point]) for point in range(128)) + bytes(128)
"""The same for ``bytes.translate``."""
ASCII_LETTERS: Final = bytes(point != ord(" ") for point in range(256))
"""For ``bytes.translate`` of what came out: 0 for blanks, 1 for letters."""
