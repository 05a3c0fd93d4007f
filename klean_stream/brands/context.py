"""How a text uses a name: as the mark of what is sold, or otherwise.

Two rules, both about what stands around the name. Goods that fit another maker's goods name it honestly
("case for X", "X 호환", "适用X": Art. 14(1)(c) of the EU Trade Mark Regulation 2017/1001 permits it). And a
word of the dictionary, or one of two or three letters, is a mark only where a mark stands: sellers write it
first.
"""

import re
from typing import Literal

from klean_stream.brands.dictionary import ENGLISH_WORDS
from klean_stream.brands.match import Use
from klean_stream.brands.names import Name
from klean_stream.text import Writing

_REACH = 60
"""Characters before and after a name in which the words that tell its use are looked for."""

_FITS_BEFORE = re.compile(
    r"(?:\b(?:for|fits?|fitting|supports?|replaces?|compatible(?:\s+with)?|works?\s+with|used?\s+with)\s*:?\s+"
    r"|(?:适用于?|適用|兼容|相容|适配|通用于?|替代|可用于|호환)\s*[:：]?\s*)"
    r"(?P<between>[^.;!?()\[\]{}]*)$",
    re.IGNORECASE,
)
_FITS_AFTER = re.compile(
    r"\s*(?:[-_]?compatible\b|(?:\w+\s+){0,2}?(?:호환|대응)|전?용(?![\uac00-\ud7a3])"
    r"|适用|適用|兼容|相容|适配|通用|专用|專用)",
    re.IGNORECASE,
)
_DETERMINER = re.compile(r"(?:(?:the|all|any|your|most|use with|new|original|genuine)\s+)*", re.IGNORECASE)
_ENDS_THE_PHRASE = re.compile(r"\b(?:by|from|with|in|on)\b|\s[-–—|]\s", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_LONGEST_LIST = 6

# What may stand before the mark without being goods: a bracket with a note, and words that praise.
_OPENING = re.compile(
    r"(?:[\[(【「<《][^\])】」>》]{0,40}[\])】」>》]|\b(?:new|genuine|original|authentic|official|100)\b"
    r"|정품|신품|새상품|全新|正品|\W)*+",
    re.IGNORECASE,
)

_SHORT = 3
"""Letters up to which a name is told from codes and sizes only by where it stands."""

Ordinary = Literal["ordinary"]


class Setting:
    """A text as the setting of the names in it. What is asked of the text as a whole is found out once."""

    def __init__(self, text: str, field: str) -> None:
        self._text = text
        self._is_title = field == "title"
        self._opening_ends: int | None = None
        self._capitals_tell: bool | None = None

    def use_of(self, name: Name, start: int, end: int) -> Use | Ordinary | None:
        """Give the use of a name that is not use as a mark, or None where the text sells under the name.

        ``ordinary`` is a word that says nothing of a mark; ``common_word`` is a word that may mean one.
        """
        word = self._word_use(name, start)
        if word == "ordinary":
            return word
        return "compatible" if _is_fitted(self._text, start, end) else word

    def _word_use(self, name: Name, start: int) -> Use | Ordinary | None:
        if name.writing is Writing.DIGIT:
            return "common_word" if self._stands_first(start) else "ordinary"
        if name.writing is not Writing.LETTER:
            return "common_word" if name.common and not self._stands_first(start) else None
        short = name.size <= _SHORT
        phrase = bool(name.breaks) and not short and _is_phrase(name)
        if not (short or phrase or name.common or name.folded in ENGLISH_WORDS) or self._stands_first(start):
            return None
        is_capital = self._text[start].isupper()
        if phrase:
            return None if self._is_title and is_capital else "ordinary"
        if not self._is_title or name.size < _SHORT or not is_capital:
            return "ordinary"
        return "common_word" if self._do_capitals_tell() else "ordinary"

    def _stands_first(self, start: int) -> bool:
        if not self._is_title:
            return False
        if self._opening_ends is None:
            opening = _OPENING.match(self._text)
            self._opening_ends = opening.end() if opening else 0
        # A mark in brackets at the very beginning stands first, too.
        return start == self._opening_ends or (start <= _REACH and not any(map(str.isalnum, self._text[:start])))

    def _do_capitals_tell(self) -> bool:
        """Tell if a capital letter stands out: not where nearly all words begin with one."""
        if self._capitals_tell is None:
            initials = [w[0] for w in _WORD.findall(self._text) if w[0].isalpha() and w[0].isascii()]
            self._capitals_tell = 3 * sum(map(str.islower, initials)) >= len(initials)
        return self._capitals_tell


def _is_fitted(text: str, start: int, end: int) -> bool:
    if _FITS_AFTER.match(text, end, end + _REACH):
        return True
    before = _FITS_BEFORE.search(text[max(0, start - _REACH) : start])
    if before is None:
        return False
    between = _DETERMINER.sub("", before["between"], count=1)
    words = _WORD.findall(between.lower())
    if not words:
        return True
    # A list goes on: "for Acme X1 / Bolt 2". What begins with a word of the dictionary is no list of marks.
    return len(words) <= _LONGEST_LIST and words[0] not in ENGLISH_WORDS and _ENDS_THE_PHRASE.search(between) is None


def _is_phrase(name: Name) -> bool:
    """Tell if a name of several words is made of ordinary words alone."""
    return all(word in ENGLISH_WORDS for word in _WORD.findall(name.shown.lower()))
