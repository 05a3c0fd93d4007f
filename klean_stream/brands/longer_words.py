"""Whether a name is merely a part of a longer word or name: the 어그 of 어그로, the York of New York."""

import re
from typing import Final

from klean_stream.brands.dictionary import KOREAN_WORDS, PLACE_PAIRS

SECONDS_OF_PLACES: Final = frozenset(pair.split()[1] for pair in PLACE_PAIRS)
"""Words, in small letters, that are the second one of a place's name: "york"."""
_WORD_BEFORE: Final = re.compile(r"([A-Za-z]+)[\s-]$")
_LONGEST_FIRST: Final = 16
_HANGUL: Final = re.compile("[\uac00-\ud7a3]+")
_LONGEST_KOREAN: Final = 6


def is_second_of_a_place(text: str, start: int, folded: str) -> bool:
    """Tell if ``folded``, found at ``text[start:]``, is the second word of a place's name."""
    if folded not in SECONDS_OF_PLACES:
        return False
    before = _WORD_BEFORE.search(text, max(0, start - _LONGEST_FIRST), start)
    return before is not None and f"{before[1].lower()} {folded}" in PLACE_PAIRS


def is_part_of_a_korean_word(text: str, start: int, end: int) -> bool:
    """Tell if ``text[start:end]`` is a part of a longer word of the Korean dictionary, which may go on in particles."""
    first = start
    while first and start - first < _LONGEST_KOREAN and "\uac00" <= text[first - 1] <= "\ud7a3":
        first -= 1
    run = _HANGUL.match(text, start, max(start, first + _LONGEST_KOREAN))
    last = run.end() if run else end
    return any(text[first:to] in KOREAN_WORDS for to in range(end + (first == start), last + 1))
