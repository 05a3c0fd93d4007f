"""Hangul as its letters (jamo), however it was typed, and which letters sound alike.

Composed syllables, conjoining jamo (NFD), compatibility and half-width jamo all become the same letters.
Sources: Unicode chapter 3.12 (Hangul syllable composition), the Revised Romanization of Korean (2000), and
the sounds that loanword spellings vary in: plain, tense and aspirated consonants, ㅐ and ㅔ, ㅙ ㅚ and ㅞ, ㅗ and ㅓ,
ㅜ and ㅡ.
"""

import re
import unicodedata
from itertools import accumulate
from typing import Final

from klean_stream.text.folding import FOLD
from klean_stream.text.scripts import WRITING, Writing
from klean_stream.text.view import View

_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS: Final = (
    "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ",
    "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
)  # fmt: skip

_LETTERS: Final = (
    {chr(0x1100 + i): letter for i, letter in enumerate(_INITIALS)}
    | {chr(0x1161 + i): letter for i, letter in enumerate(_VOWELS)}
    | {chr(0x11A8 + i): letters for i, letters in enumerate(_FINALS)}
)
_SOUNDS: Final = str.maketrans("ㄲㅋㄸㅌㅃㅍㅆㅉㅊㅐㅒㅖㅙㅚㅟㅢㅗㅜ", "ㄱㄱㄷㄷㅂㅂㅅㅈㅈㅔㅔㅔㅞㅞㅣㅣㅓㅡ")

# Revised Romanization by class of sound, and the usual spellings of loanwords in Latin letters.
_ROMAN_INITIAL: Final = {
    "": "ㅇ", "k": "ㄱ", "g": "ㄱ", "kk": "ㄱ", "c": "ㄱ", "n": "ㄴ", "d": "ㄷ", "t": "ㄷ", "tt": "ㄷ",
    "r": "ㄹ", "l": "ㄹ", "m": "ㅁ", "b": "ㅂ", "p": "ㅂ", "pp": "ㅂ", "f": "ㅂ", "v": "ㅂ", "s": "ㅅ",
    "ss": "ㅅ", "j": "ㅈ", "ch": "ㅈ", "jj": "ㅈ", "z": "ㅈ", "h": "ㅎ",
}  # fmt: skip
_ROMAN_VOWEL: Final = {
    "a": "ㅏ", "ae": "ㅐ", "ya": "ㅑ", "yae": "ㅒ", "eo": "ㅓ", "e": "ㅔ", "yeo": "ㅕ", "ye": "ㅖ",
    "o": "ㅗ", "wa": "ㅘ", "wae": "ㅙ", "oe": "ㅚ", "yo": "ㅛ", "u": "ㅜ", "wo": "ㅝ", "we": "ㅞ",
    "wi": "ㅟ", "yu": "ㅠ", "eu": "ㅡ", "ui": "ㅢ", "i": "ㅣ",
}  # fmt: skip
_ROMAN_FINAL: Final = {
    "": "", "k": "ㄱ", "g": "ㄱ", "n": "ㄴ", "t": "ㅅ", "d": "ㄷ", "s": "ㅅ", "l": "ㄹ", "m": "ㅁ",
    "b": "ㅂ", "p": "ㅂ", "ng": "ㅇ",
}  # fmt: skip


def _one_of(spellings: dict[str, str]) -> str:
    return "|".join(sorted(spellings, key=lambda spelling: (-len(spelling), spelling)))


_ROMAN_SYLLABLE: Final = re.compile(
    rf"({_one_of(_ROMAN_INITIAL)})({_one_of(_ROMAN_VOWEL)})((?:{_one_of(_ROMAN_FINAL)})(?![aeiouyw]|h)|)"
)
_BORDER: Final = re.compile("[\uac00-\ud7a3][A-Za-z]|[A-Za-z][\uac00-\ud7a3]")
_ROMAN_RUN: Final = re.compile(
    r"(?<=[\uac00-\ud7a3])[A-Za-z]{1,8}(?![A-Za-z])|(?<![A-Za-z])[A-Za-z]{1,8}(?=[\uac00-\ud7a3])"
)


class _Jamo(dict[str, str]):
    def __missing__(self, character: str) -> str:
        if WRITING[character] is Writing.HANGUL:
            decomposed = unicodedata.normalize("NFKD", character)
            jamo = "".join(_LETTERS.get(letter, letter) for letter in decomposed)
        else:
            jamo = FOLD[character]
        self[character] = jamo
        return jamo


_JAMO: Final = _Jamo()


class _Sound(dict[str, str]):
    """From a few jamo to how they sound."""

    def __missing__(self, jamo: str) -> str:
        self[jamo] = heard = sound(jamo)
        return heard


_SOUND: Final = _Sound()


class _Heard(dict[int, str]):
    """For ``str.translate``: from a code point to how it sounds."""

    def __missing__(self, point: int) -> str:
        self[point] = heard = _SOUND[_JAMO[chr(point)]]
        return heard


_HEARD: Final = _Heard()


class _Units(dict[int, str]):
    """For ``str.translate``: Hangul as it is typed, other letters folded, nothing else."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        self[point] = unit = character if WRITING[character] is Writing.HANGUL else FOLD[character]
        return unit


_UNITS: Final = _Units()
_ANY_HANGUL: Final = re.compile("[\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff\uffa1-\uffdc]")


def has_hangul(text: str) -> bool:
    """Tell if any Hangul letter or syllable is in a text."""
    return not text.isascii() and _ANY_HANGUL.search(text) is not None


def sound(jamo: str) -> str:
    """Give the class of each letter, one for one, where letters that sound alike are one."""
    return jamo.translate(_SOUNDS)


def hangul_units(text: str) -> str:
    """Give the syllables and letters of a text as they are typed, without what stands between them."""
    return text.translate(_UNITS)


def heard(text: str) -> str:
    """Give how a text sounds: the skeleton of :func:`read_hangul`, without the view."""
    return text.translate(_HEARD)


def unit_starts(units: str) -> list[int]:
    """Give where each unit begins in the view of :func:`read_hangul`."""
    return list(accumulate(map(len, map(_JAMO.__getitem__, units)), initial=0))


def read_hangul(text: str) -> View:
    """Give the view in which Hangul is jamo and the skeleton is how it sounds."""
    return _view(text, list(map(_JAMO.__getitem__, text)), heard(text))


def read_romanised(text: str) -> View | None:
    """Give the view in which Latin syllables inside Hangul words are Hangul too; None if there are none."""
    if _BORDER.search(text) is None:
        return None
    replaced: dict[int, str] = {}
    for run in _ROMAN_RUN.finditer(text):
        replaced.update(_hangul_of(run[0].lower(), run.start()))
    if not replaced:
        return None
    pieces = list(map(_JAMO.__getitem__, text))
    for index, piece in replaced.items():
        pieces[index] = piece
    return _view(text, pieces, "".join(map(_SOUND.__getitem__, pieces)))


def _hangul_of(run: str, offset: int) -> dict[int, str]:
    """Give the jamo for each letter of a Latin run that reads as Korean syllables; nothing if it does not."""
    jamo: dict[int, str] = {}
    position = 0
    while position < len(run):
        syllable = _ROMAN_SYLLABLE.match(run, position)
        if syllable is None:
            return {}
        initial, vowel, final = syllable.groups()
        for index in range(position, syllable.end()):
            jamo[offset + index] = ""
        # Each jamo comes from the last letter that is written for it, the first from the first: spans hold all.
        jamo[offset + position] = _ROMAN_INITIAL[initial]
        jamo[offset + syllable.end(2) - 1] += _ROMAN_VOWEL[vowel]
        if final:
            jamo[offset + syllable.end() - 1] = _ROMAN_FINAL[final]
        position = syllable.end()
    return jamo


def _view(text: str, pieces: list[str], skeleton: str) -> View:
    at = [index for index, piece in enumerate(pieces) for _ in piece]
    return View(text, "".join(pieces), skeleton, at)


def splits_syllable(view: View, index: int) -> bool:
    """Tell if a cut before ``folded[index]`` goes through a syllable."""
    if not 0 < index < len(view.at):
        return False
    if view.at[index] == view.at[index - 1]:
        return True
    # Typed letter by letter, a vowel needs the consonant before it, and a conjoining final the vowel.
    following = view.original[view.at[index]]
    return WRITING[following] is Writing.HANGUL and (view.folded[index] in _VOWELS or "\u11a8" <= following <= "\u11ff")
