"""Whether a text says that something is not of a mark: "not Nike", "나이키 아님", "非耐克".

Only the name itself may be negated. "Not genuine Nike" says that it is a counterfeit.
"""

import re
from collections.abc import Iterable
from typing import Final

_WORDS: Final = frozenset({"not", "non", "no", "unlike", "isn"})
_SIGNS: Final = re.compile("no|unlike|isn|아님|아니|아닌|아닙|非|不是")
_BEFORE: Final = re.compile(
    r"(?:(?<![\w-])(?:(?:is\s+|are\s+)?not|isn't|isn’t|non|no|unlike|not\s+(?:made|sold|affiliated|associated)\s+(?:by|with))"
    r"(?:\s+(?:a|an|the|by|from)\s+|[\s-])|并?非|不是)$",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(r"\s?(?:이|가|은|는)?\s?(?:아님|아닙니다|아니에요|아니고|아닌)(?![\uac00-\ud7a3])")
_REACH: Final = 32


def may_negate(text: str, words: Iterable[str]) -> bool:
    """Tell if a text has any of the words that negate. False is sure, True is not.

    ``words`` are its runs of letters and digits, in small letters, where it is in ASCII.
    """
    if text.isascii():
        return not _WORDS.isdisjoint(words)
    return _SIGNS.search(text.lower()) is not None


def is_negated(text: str, start: int, end: int) -> bool:
    """Tell if the text negates the name at ``text[start:end]``."""
    if _AFTER.match(text, end):
        return True
    return _BEFORE.search(text[max(0, start - _REACH) : start]) is not None
