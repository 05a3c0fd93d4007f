"""Fold a character to what a reader takes it for: NFKC, casefold, no marks, UTS #39 confusables.

Each character is folded by itself, so that a position in folded text always leads back to one original
character. Sources: UAX #15 (normalisation), the Unicode names (letters "WITH STROKE", small capitals,
enclosed letters), UTS #39 (confusables), OpenCC (simplified Chinese).
"""

import re
import unicodedata
from typing import Final

from klean_stream.text.confusables import PROTOTYPES
from klean_stream.text.scripts import SILENT, UNPARTED, WRITING, Writing
from klean_stream.text.simplified import simplified

# Names that say which Latin letter a character is: "LATIN SMALL LETTER O WITH STROKE",
# "LATIN LETTER SMALL CAPITAL G", "NEGATIVE SQUARED LATIN CAPITAL LETTER N".
_NAMED_LETTER: Final = re.compile(
    r"(?:^|SQUARED |CIRCLED )LATIN (?:SMALL |CAPITAL |SMALL LETTER |LETTER SMALL )*(?:LETTER |CAPITAL )?"
    r"(?:DOTLESS |LONG )?([A-Z])(?: WITH .*)?$"
)
# What the letters of other alphabets look like, by their names: a second way to what UTS #39 lists one by one.
_FOREIGN_LETTER: Final = re.compile(
    r"^(?:GREEK|CYRILLIC|COPTIC) (?:CAPITAL|SMALL|LUNATE)? ?(?:LETTER )?(?:.* )?([A-Z]+)$"
)
_FOREIGN_LOOKS: Final = {
    "ALPHA": "a", "BETA": "b", "EPSILON": "e", "ZETA": "z", "ETA": "n", "IOTA": "i", "KAPPA": "k", "MU": "u", "NU": "v",
    "OMICRON": "o", "RHO": "p", "SIGMA": "o", "TAU": "t", "UPSILON": "u", "CHI": "x", "OMEGA": "w", "YOT": "j",
    "YPOGEGRAMMENI": "i", "DIGAMMA": "f", "A": "a", "IE": "e", "O": "o", "ES": "c", "ER": "p", "HA": "x", "U": "y",
    "DZE": "s", "JE": "j", "I": "i", "PALOCHKA": "l", "SHHA": "h", "DE": "d", "QA": "q", "WE": "w", "SJE": "g",
    "KA": "k", "EM": "m", "EN": "h", "TE": "t", "VE": "b", "GHE": "r", "IZHITSA": "v", "CHE": "e",
}  # fmt: skip
_REGIONAL_INDICATOR: Final = re.compile(r"^REGIONAL INDICATOR SYMBOL LETTER ([A-Z])$")
_NO_LETTER: Final = SILENT | {Writing.SEPARATOR}
_MARKED_SCRIPTS: Final = ("LATIN", "GREEK", "CYRILLIC")


def _plain_ascii(text: str) -> str:
    return "".join(c for c in text.lower() if c.isascii() and c.isalnum())


def _without_marks(character: str) -> str:
    """NFKD without combining marks for the alphabets where a mark is decoration; NFKC for the others."""
    decomposed = unicodedata.normalize("NFKD", character)
    if WRITING[decomposed[0]] not in UNPARTED and unicodedata.name(decomposed[0], "").startswith(_MARKED_SCRIPTS):
        return "".join(c for c in decomposed if WRITING[c] not in SILENT)
    return unicodedata.normalize("NFKC", character)


def _prototype(character: str) -> str:
    """Give the ASCII letters and digits that a character can be taken for, or nothing."""
    direct = _plain_ascii(_strip(PROTOTYPES.get(character, "")))
    # UTS #39 takes the capitals of i for l, and l is also its prototype of |; the small letter knows better.
    if direct in ("", "l"):
        for other in (character.lower(), character.upper()):
            by_case = _plain_ascii(_strip(PROTOTYPES.get(other, ""))) if other != character else ""
            if by_case not in ("", "l"):
                return by_case
    if direct:
        return "m" if direct == "rn" else direct
    # No syllable and no Hanzi is named after a letter.
    if WRITING[character] in UNPARTED:
        return ""
    named = _NAMED_LETTER.search(unicodedata.name(character, ""))
    return named[1].lower() if named else ""


def _foreign(character: str) -> str:
    """Give the letter that a Greek or Cyrillic one looks like, if its name says so."""
    named = _FOREIGN_LETTER.search(unicodedata.name(character, ""))
    return _FOREIGN_LOOKS.get(named[1], "") if named else ""


def _strip(text: str) -> str:
    """Drop marks; a prototype that keeps other non-ASCII characters is no ASCII look-alike."""
    kept = "".join(c for c in unicodedata.normalize("NFKD", text) if WRITING[c] not in SILENT)
    return kept if kept.isascii() else ""


def _fold_letter(character: str) -> str:
    writing = WRITING[character]
    folded = _prototype(character) or ("" if writing in UNPARTED else _foreign(character))
    if folded:
        return folded
    if writing in (Writing.HAN, Writing.KANA):
        prototype = PROTOTYPES.get(character, character)
        if len(prototype) != 1 or WRITING[prototype] not in (Writing.HAN, Writing.KANA):
            prototype = character
        return simplified(prototype) if WRITING[prototype] is Writing.HAN else prototype
    return character.casefold()


def _normalise(character: str) -> str:
    """NFKC, casefold and no marks for one character, letters and digits only: no look-alikes yet."""
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    writing = WRITING[character]
    if writing in SILENT:
        return ""
    plain = _without_marks(character).casefold()
    kept = "".join(c for c in plain if WRITING[c] not in _NO_LETTER)
    if not kept and writing is Writing.SEPARATOR:
        named = _NAMED_LETTER.search(unicodedata.name(character, ""))
        return named[1].lower() if named else ""
    return kept


def _fold(character: str) -> str:
    normal = _normalise(character)
    if normal.isascii():
        return normal
    # The look-alike can be lost with the case (a capital Eta is an H, a small one an n) or with NFKC (a lunate
    # sigma is a c, the sigma that it becomes an o).
    if len(normal) == 1:
        prototype = _prototype(character)
        if prototype:
            return prototype
    return "".join(c if c.isascii() else _fold_letter(c) for c in normal)


def _fold_symbol(character: str) -> str:
    if character in _LEET_SYMBOLS:
        return _LEET_SYMBOLS[character]
    if character.isascii() or WRITING[character] is not Writing.SEPARATOR:
        return ""
    regional = _REGIONAL_INDICATOR.match(unicodedata.name(character, ""))
    if regional:
        return regional[1].lower()
    prototype = _prototype(character)
    return prototype if len(prototype) == 1 else ""


# Symbols that are written for letters. What UTS #39 does not list is the common core of "leet" spelling.
_LEET_SYMBOLS: Final = {
    "$": "s", "@": "a", "!": "i", "|": "l", "+": "t", "€": "e", "£": "l", "¥": "y", "§": "s", "¢": "c",
    "¡": "i",
}  # fmt: skip


class _Table(dict[str, str]):
    """A function of a character, remembered."""

    def __missing__(self, character: str) -> str:
        self[character] = folded = self.compute(character)
        return folded

    def compute(self, character: str) -> str:
        raise NotImplementedError


class _Normal(_Table):
    def compute(self, character: str) -> str:
        return _normalise(character)


class _Fold(_Table):
    def compute(self, character: str) -> str:
        return _fold(character)


class _Symbol(_Table):
    def compute(self, character: str) -> str:
        return _fold_symbol(character)


NORMAL: Final = _Normal()
"""From a character to its letters and digits after NFKC, casefold and removal of marks; "" for all others."""
FOLD: Final = _Fold()
"""From a character to the letters and digits that a reader takes it for; "" for separators and invisibles."""
SYMBOL: Final = _Symbol()
"""From a symbol to the letter that it may be written for, or ""."""

# Letters and digits that stand for each other, as one class each: 1, i and l are one upright stroke.
_STROKES: Final = str.maketrans("i1023456789", "llozeasgtbg")
_STROKES_IN_ASCII: Final = bytes.maketrans(b"i1023456789", b"llozeasgtbg")


def skeleton(folded: str) -> str:
    """Give the class of each folded character, one for one; digits and letters that look alike are one."""
    if folded.isascii():
        return folded.encode().translate(_STROKES_IN_ASCII).decode()
    return folded.translate(_STROKES)
