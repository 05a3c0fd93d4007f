"""What kind of writing a character belongs to, as far as word boundaries depend on it."""

import re
import unicodedata
from enum import Enum
from typing import Final


class Writing(Enum):
    """How a character takes part in words."""

    SEPARATOR = "separator"
    MARK = "mark"
    """A combining mark: it belongs to the letter before it."""
    INVISIBLE = "invisible"
    HANGUL = "hangul"
    HAN = "han"
    KANA = "kana"
    LETTER = "letter"
    """A letter of any alphabet; a word of them ends where they end."""
    DIGIT = "digit"

    # There is one object of each kind; Enum's own hash is a call of Python code, for each character looked at.
    __hash__ = object.__hash__


# Default_Ignorable_Code_Point (DerivedCoreProperties.txt) beyond the categories Cf, Mn and Me: fillers that
# are letters by category and show nothing, and the blocks of tags and variation selectors.
_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0")
# A letter of old Hangul that Koreans type for a middle dot.
_DOTS: Final = frozenset("\u318d\u119e")
_IGNORABLE_BLOCKS: Final = range(0xE0000, 0xE1000)

# Ancient Greek musical notation: symbols by category, and letters by their looks.
_LETTERS: Final = range(0x1D200, 0x1D246)

_HANGUL: Final = (range(0x1100, 0x1200), range(0x3130, 0x3190), range(0xA960, 0xA980), range(0xAC00, 0xD800),
           range(0xFFA1, 0xFFDD))  # fmt: skip
_KANA: Final = (range(0x3040, 0x3100), range(0x31F0, 0x3200), range(0xFF66, 0xFFA0))
_HAN: Final = (range(0x2E80, 0x3000), range(0x3005, 0x3008), range(0x3400, 0x4DC0), range(0x4E00, 0xA000),
        range(0xF900, 0xFB00), range(0x20000, 0x323B0))  # fmt: skip


def _writing(character: str) -> Writing:
    point = ord(character)
    category = unicodedata.category(character)
    if category in ("Mn", "Me"):
        return Writing.MARK
    if character in _FILLERS or category == "Cf" or point in _IGNORABLE_BLOCKS:
        return Writing.INVISIBLE
    if character in _DOTS:
        return Writing.SEPARATOR
    if any(point in block for block in _HANGUL):
        return Writing.HANGUL
    if any(point in block for block in _KANA) and category != "Po":
        return Writing.KANA
    if any(point in block for block in _HAN):
        return Writing.HAN
    if category[0] == "N":
        return Writing.DIGIT
    if category[0] in "LM" or point in _LETTERS:
        return Writing.LETTER
    return Writing.SEPARATOR


class _Writings(dict[str, Writing]):
    def __missing__(self, character: str) -> Writing:
        self[character] = writing = _writing(character)
        return writing


WRITING: Final = _Writings()
"""From any character to its :class:`Writing`; filled as characters are met."""

UNPARTED: Final = frozenset({Writing.HANGUL, Writing.HAN, Writing.KANA})
"""Scripts that do not part words as alphabets do."""

SILENT: Final = frozenset({Writing.MARK, Writing.INVISIBLE})
"""What a reader does not see as a character of its own."""

NO_ALPHABET: Final = "".join(
    f"{chr(block.start)}-{chr(block.stop - 1)}" for block in sorted((*_HANGUL, *_KANA, *_HAN), key=lambda b: b.start)
)
"""Hangul, Kana and Han as the inside of a character class of a regular expression."""

PLAIN_HANGUL: Final = re.compile("[\uac00-\ud7a3]+").fullmatch
"""Syllables one behind the other: how they show a name does not depend on what stands around them."""
