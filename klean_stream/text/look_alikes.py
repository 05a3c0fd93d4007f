"""Hangul syllables that are written for each other for their looks: Yaminjeongeum (야민정음).

Source: the substitutions that descriptions of Yaminjeongeum agree in (Korean Wikipedia and Namuwiki, "야민정음"):
댕댕이 for 멍멍이, 커엽다 for 귀엽다, 띵작 for 명작, 괄도네넴띤 for 팔도비빔면, 윾 for 유. What sounds alike is no
part of it.
"""

from typing import Final

from klean_stream.text.hangul import hangul_units

_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS: Final = 28
# Syllables without their final, which stays: the first stands for the others.
_CLASSES: Final = (
    ("ㄷㅐ", "ㅁㅓ"),
    ("ㄱㅟ", "ㅋㅓ"),
    ("ㅁㅕ", "ㄸㅣ"),
    ("ㅍㅏ", "ㄱㅘ"),
    ("ㅂㅣ", "ㄴㅔ", "ㄴㅓ"),
    ("ㅍㅣ", "ㄲㅢ"),
)
_WHOLE: Final = {"윾": "유", "윽": "우", "앟": "왕", "ㄹ": "근"}


def _syllable(letters: str, final: int) -> str:
    return chr(0xAC00 + (_INITIALS.index(letters[0]) * len(_VOWELS) + _VOWELS.index(letters[1])) * _FINALS + final)


_LOOKS: Final = str.maketrans(
    _WHOLE
    | {
        _syllable(other, final): _syllable(first, final)
        for first, *others in _CLASSES
        for other in others
        for final in range(_FINALS)
    }
)
_CAN_LOOK: Final = frozenset(map(chr, _LOOKS)) | frozenset(_LOOKS.values())


class _Looks(dict[int, str]):
    """For ``str.translate``: from a code point to the classes of its units."""

    def __missing__(self, point: int) -> str:
        self[point] = looks = looks_of(hangul_units(chr(point)))
        return looks


_LOOKS_OF_UNITS: Final = _Looks()


def looks_in(text: str) -> str:
    """Give the classes of the units of a text: :func:`looks_of` of its :func:`hangul_units`."""
    return text.translate(_LOOKS_OF_UNITS)


def looks_of(syllables: str) -> str:
    """Give the class of each syllable, one for one, where syllables that look alike are one."""
    return syllables.translate(_LOOKS)


def can_look_alike(syllables: str) -> bool:
    """Tell if any of the syllables has a look-alike."""
    return not _CAN_LOOK.isdisjoint(syllables)
