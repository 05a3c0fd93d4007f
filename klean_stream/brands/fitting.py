"""Whether goods are said to fit those of another maker: "case for X", "compatible with X", "X 호환", "适用X".

Such a use is honest: Art. 14(1)(c) of the EU Trade Mark Regulation 2017/1001 permits it.
"""

import re
from collections.abc import Iterable
from typing import Final

from klean_stream.brands.dictionary import ENGLISH_WORDS

_REACH: Final = 60
"""Characters before and after a name in which the words that tell its use are looked for."""

_FITS_BEFORE: Final = re.compile(
    r"(?:\b(?:for|fits?|fitting|supports?|replaces?|compatible(?:\s+with)?|works?\s+with|used?\s+with)\s*:?\s+"
    r"|(?:适用于?|適用|兼容|相容|适配|通用于?|替代|可用于|호환)\s*[:：]?\s*)"
    r"(?P<between>(?:[^.;!?()\[\]{}]|(?<=\d)\.(?=\d))*)$",
    re.IGNORECASE,
)
_COMPATIBLE: Final = r"\s*[-_]?compatible\b"
_FITS_AFTER_IN_ASCII: Final = re.compile(_COMPATIBLE, re.IGNORECASE)
_FITS_AFTER: Final = re.compile(
    _COMPATIBLE + r"|\s*(?:(?:\w+\s+){0,2}?(?:호환|대응)|전?용(?![\uac00-\ud7a3])"
    r"|(?:\S+\s+){0,3}?\S*[A-Za-z0-9]\S*\s+전용(?![\uac00-\ud7a3])"
    r"|适用|適用|兼容|相容|适配|通用|专用|專用)",
    re.IGNORECASE,
)
# Each phrase has one of these in it, and most texts have none.
_WORDS: Final = frozenset(
    {
        *("for", "fit", "fits", "fitting", "support", "supports", "replace", "replaces", "compatible"),
        *("work", "works", "use", "used"),
    }
)
_SIGNS: Final = re.compile(
    "for|fit|support|replac|compatib|use|work|호환|대응|용|适|適|兼容|相容|通用|替代|可用于|专用|專用"
)
_DETERMINER: Final = re.compile(r"(?:(?:the|all|any|your|most|use with|new|original|genuine)\s+)*", re.IGNORECASE)
_ENDS_THE_PHRASE: Final = re.compile(r"\b(?:by|from|with|in|on)\b|\s[-–—|]\s", re.IGNORECASE)
_WORD: Final = re.compile(r"\w+")
_LONGEST_LIST: Final = 6


def may_fit(text: str, words: Iterable[str]) -> bool:
    """Tell if a text has any of the words by which goods are said to fit others. False is sure, True is not.

    ``words`` are its runs of letters and digits, in small letters, where it is in ASCII.
    """
    if text.isascii():
        return not _WORDS.isdisjoint(words)
    return _SIGNS.search(text.lower()) is not None


def is_fitted(text: str, start: int, end: int) -> bool:
    """Tell if the text says that its goods fit those of the name at ``text[start:end]``."""
    after = _FITS_AFTER_IN_ASCII if text.isascii() else _FITS_AFTER
    if after.match(text, end, end + _REACH):
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
