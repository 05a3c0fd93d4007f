"""Chinese characters by how they sound in Mandarin.

Source: the readings that pypinyin ships (pinyin-data, compiled from Unihan's ``kMandarin`` and dictionaries), the
commonest of each character. Tones are left out: who writes one character for another keeps the syllable.
"""

import re
from typing import Final

from pypinyin import Style
from pypinyin.pinyin_dict import pinyin_dict
from pypinyin.style import convert

from klean_stream.text.view import View

_ANY_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_ANY_KANA: Final = re.compile("[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_FIRST_SYLLABLE: Final = 0xE000
"""A syllable is one private-use character, so that syllables stay one for one with characters."""


def has_han(text: str) -> bool:
    """Tell if any Chinese character is in a text."""
    return not text.isascii() and _ANY_HAN.search(text) is not None


def has_kana(text: str) -> bool:
    """Tell if any Kana is in a text."""
    return not text.isascii() and _ANY_KANA.search(text) is not None


def syllables(folded: str) -> str:
    """Give the class of each folded character, one for one, where Chinese characters that sound alike are one."""
    return folded.translate(_SYLLABLES)


def read_mandarin(view: View) -> View:
    """Give the same view with syllables as its skeleton."""
    return View(view.original, view.folded, syllables(view.folded), view.at)


class _Syllables(dict[int, int]):
    """From a character to the one that stands for its syllable; a character without a reading stays."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[str, int] = {}

    def __missing__(self, point: int) -> int:
        readings = pinyin_dict.get(point) if point >= 0x3400 else None
        if readings is None:
            self[point] = point
        else:
            syllable = convert(readings.partition(",")[0], Style.NORMAL, strict=True)
            self[point] = self._numbers.setdefault(syllable, _FIRST_SYLLABLE + len(self._numbers))
        return self[point]


_SYLLABLES: Final = _Syllables()
