"""Weigh what was found against the name it was found for: by which disguise are they the same.

Each technique has a confidence; the weakest part of a surface is the confidence of the whole.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from klean_stream.brands.dictionary import CHINESE_NAMES, ENGLISH_WORDS, KOREAN_WORDS, is_part_of_chinese_word
from klean_stream.brands.names import Name
from klean_stream.brands.spelling import Differences, aligned_breaks, differences, is_disguised_stroke
from klean_stream.text import FOLD, NORMAL, PLAIN_HANGUL, STYLISED, WRITING, View, Writing, skeleton, sound


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a surface shows a name. ``sure`` is False where only a person should act on it."""

    technique: str
    confidence: int
    sure: bool = True


DISGUISES: Final = frozenset(
    {
        "apart",  # "N.I.K.E", "나 이 키": character by character
        "confusables",  # "Nikе": letters of another alphabet that look the same
        "doubled",  # "Addidas"
        "invisible",  # characters without width inside the name
        "jamo",  # "ㄴㅏㅇㅣㅋㅣ": syllables taken apart
        "leet",  # "n1ke"
        "look_alike",  # "머우" for "대우": syllables of the same look
        "masked",  # "N*ke"
        "repeated",  # "Roooolex"
        "strokes",  # "RoIex": a capital i that looks like an l
        "stylised",  # "ЯØŁΣX", "Ꮢ๏ɭєא": letters that text generators make up from other scripts
        "symbols",  # "Ro|ex"
        "turned",  # "xǝloɹ": upside down
    }
)
"""The techniques that undo a disguise: nobody who sells genuine goods has a reason to write a name so.

The other techniques undo what honest sellers and their keyboards do, too, and are none: ``exact``; ``joined``
("CocaCola"); ``spacing`` (a break somewhere in the name: "나이 키", "adi-das"); ``compatibility`` (full-width
letters are what East Asian keyboards write, accents and typographic quotes what careful people write);
``sounds_alike`` (there is no one way to write a foreign name in Hangul, and it may be another name);
``near_miss`` (a slip, or another word). Of 8,889 real titles with a plain name not one had a letter-by-letter
name, but 45 had one with a break.
"""

EXACT: Final = Evidence("exact", 1000)
JOINED: Final = Evidence("joined", 980)
TURNED: Final = Evidence("turned", 900)
_BY_CHARACTER: Final = (
    Evidence("jamo", 940),
    Evidence("confusables", 950),
    Evidence("invisible", 960),
    Evidence("traditional", 970),
    Evidence("compatibility", 970),
)
# From how many characters on a name is known again when all, or some, of them stand apart.
_APART: Final = {Writing.LETTER: 4, Writing.DIGIT: 5, Writing.HANGUL: 2, Writing.HAN: 2, Writing.KANA: 2}
_PARTED: Final = {Writing.LETTER: 5, Writing.DIGIT: 5, Writing.HANGUL: 3, Writing.HAN: 2, Writing.KANA: 3}
_ALPHABETIC: Final = (Writing.LETTER, Writing.DIGIT)
_PRAISE: Final = (
    *("正品", "正宗", "原装", "全新", "新款", "专柜", "代购", "进口", "包邮", "官方", "旗舰", "特价", "现货"),
)
_TENSE: Final = "ㄲㄸㅃㅆㅉ"
"""Few words have these consonants; written for others they tell even a short name."""
_LONG: Final = 9
_BLOCKS: Final = re.compile(r"\d+|\D+")
_MIXED: Final = 3
_LEET: Final = 5
"""Characters from which on one word is known as a name by its digits, with a few letters between them."""
_DISTINCT: Final = 4
"""Letters from which on a disguised short name is told from other words."""
_AROUND: Final = 100
"""Characters on either side by which the way a text is stored is known."""


def weigh(name: Name, view: View, start: int, end: int) -> Evidence | None:
    """Give the evidence that ``view.folded[start:end]`` is the name; None if it is not."""
    first, last = view.span(start, end)
    surface = view.original[first:last]
    if surface == name.shown:
        return EXACT
    seen = view.folded[start:end]
    spelling = EXACT if seen == name.folded else _spelling(name, view, start, end)
    if spelling is None:
        return None
    spacing = _spacing(name, view, start, end)
    parts = spelling, spacing, _characters(name, surface, view, start, end)
    weakest = min(part.confidence for part in parts)
    # A disguise is told even if a part that is none is weaker, such as a break beside a letter that is another's.
    told = min(parts, key=lambda part: (part.technique not in DISGUISES, part.confidence))
    return Evidence(told.technique, weakest, spelling.sure and spacing.sure)


def weigh_word(name: Name, word: str) -> Evidence | None:
    """Give the evidence that a whole word, written in ASCII, is the name; None if it is not.

    Only of ``strokes`` a look at capitals can tell more: see :func:`as_written`.
    """
    # What is written as the name is needs no closer look.
    if word == name.folded:
        return JOINED if name.breaks else EXACT
    return weigh(name, View(word, word, skeleton(word), range(len(word))), 0, len(word))


def as_written(evidence: Evidence, surface: str) -> Evidence:
    """Give the evidence of a folded word for the surface that it was folded from."""
    if evidence.technique != "strokes":
        return evidence
    return Evidence(evidence.technique, evidence.confidence, is_disguised_stroke(surface))


def _characters(name: Name, surface: str, view: View, start: int, end: int) -> Evidence:
    """Say which characters were written for the letters, when the letters themselves are right."""
    if (surface.isascii() and surface.isalnum()) or PLAIN_HANGUL(surface):
        return EXACT
    used = [view.original[index] for index in view.at[start:end]]
    if any(WRITING[c] is Writing.SEPARATOR and not FOLD[c] for c in used):
        return Evidence("symbols", 900)
    if surface.isascii():
        return EXACT
    if name.writing in _ALPHABETIC and any(
        c in STYLISED and FOLD[c] != v for c, v in zip(used, view.folded[start:end], strict=True)
    ):
        return Evidence("stylised", 920)
    own = {NORMAL[character] for character in name.shown}
    written = {_writing_of(character, own) for character in {*used, *surface}}
    if "jamo" in written and _is_all_decomposed(surface, view, start, end):
        written = written - {"jamo"} | {"compatibility"}
    return next((evidence for evidence in _BY_CHARACTER if evidence.technique in written), EXACT)


def _is_all_decomposed(surface: str, view: View, start: int, end: int) -> bool:
    """Tell text that is in NFD throughout, as some systems store all of it, from a name alone taken apart."""
    around = view.original[max(0, view.at[start] - _AROUND) : view.at[end - 1] + _AROUND]
    if not unicodedata.is_normalized("NFD", around):
        return False
    return all(map(_is_syllable_or_other, unicodedata.normalize("NFC", surface)))


def _is_syllable_or_other(character: str) -> bool:
    return WRITING[character] is not Writing.HANGUL or "\uac00" <= character <= "\ud7a3"


def _writing_of(character: str, own: set[str]) -> str:
    """Name the technique by which a character is another than it seems; the name's ``own`` are what they seem."""
    writing = WRITING[character]
    if writing is Writing.HANGUL:
        return "exact" if _is_syllable_or_other(character) else "jamo"
    if writing is Writing.INVISIBLE:
        return "invisible"
    if NORMAL[character] != FOLD[character] and NORMAL[character] not in own:
        return "traditional" if writing is Writing.HAN else "confusables"
    if writing is Writing.SEPARATOR or NORMAL[character] == character.casefold():
        return "exact"
    return "compatibility"


def _spelling(name: Name, view: View, start: int, end: int) -> Evidence | None:
    """Judge letters that are other than the name's."""
    seen = view.folded[start:end]
    if name.writing is Writing.HANGUL:
        return _sounds(name, view, start, end)
    if name.writing is Writing.HAN and skeleton(seen) != skeleton(name.folded) and len(seen) == len(name.folded):
        return _homophones(name, view, start, end)
    found = differences(name.folded, seen)
    if found is None:
        return None
    if found.digits:
        return _leet(name, seen, is_whole=view.at[end - 1] - view.at[start] < end - start)
    if found.strokes:
        if name.size < _DISTINCT or found.fewer or found.doubled or found.repeated:
            return None
        first, last = view.span(start, end)
        return Evidence("strokes", 880, is_disguised_stroke(view.original[first:last]))
    return _repetition(name, seen, found)


def _repetition(name: Name, seen: str, found: Differences) -> Evidence | None:
    if name.size > _DISTINCT and not found.fewer and found.doubled:
        # Once too often is a disguise in a long name, if it does not make another word.
        return Evidence("doubled", 860, seen not in ENGLISH_WORDS)
    if name.size >= _DISTINCT and not found.fewer and not found.doubled:
        return Evidence("repeated", 900)
    # A letter less is an ordinary slip, or another word.
    return Evidence("doubled", 650, sure=False) if name.size > _DISTINCT and not found.repeated else None


def _sounds(name: Name, view: View, start: int, end: int) -> Evidence:
    """Judge letters that sound like the name's; another word is no disguise, nor is one across a blank."""
    seen = view.folded[start:end]
    if len(seen) != len(name.folded) or sound(seen) != sound(name.folded):
        return _looks(name, view, start, end)
    other = sum(wanted != got for wanted, got in zip(name.folded, seen, strict=True))
    first, last = view.span(start, end)
    surface = view.original[first:last]
    blank = " " in surface and not name.breaks
    told = name.size > 2 or all(got in _TENSE for wanted, got in zip(name.folded, seen, strict=True) if wanted != got)
    return Evidence("sounds_alike", 850, told and other <= 2 and not blank and surface not in KOREAN_WORDS)


def _looks(name: Name, view: View, start: int, end: int) -> Evidence:
    """Judge syllables that look like the name's: nobody writes them by chance, if they make no other word."""
    first, last = view.span(start, end)
    surface = view.original[first:last]
    told = name.size > 2 or name.known
    return Evidence(
        "look_alike", 870, told and surface not in KOREAN_WORDS and (" " not in surface or bool(name.breaks))
    )


def _homophones(name: Name, view: View, start: int, end: int) -> Evidence | None:
    """Judge other characters that sound like the name's.

    What is a word, or a part of one, is no disguise; and a name is known again by a character that is its own.
    Two characters that sound like a short name are met everywhere: they tell it only where a mark stands.
    """
    same = sum(wanted == got for wanted, got in zip(name.folded, view.folded[start:end], strict=True))
    if not same or view.at[end - 1] - view.at[start] + 1 != name.size:
        return None
    if is_part_of_chinese_word(view.folded, start, end, straddling=name.size == 2):
        return None
    stands_out = name.size > 2 or _stands_out(view.original, view.at[start])
    return Evidence("homophones", 850, stands_out and 2 * same >= name.size)


def _stands_out(text: str, first: int) -> bool:
    """Tell if a word begins the text or a part of it, or follows a place or words of praise."""
    if not first or WRITING[text[first - 1]] is not Writing.HAN:
        return True
    return text[max(0, first - 2) : first] in CHINESE_NAMES or text.endswith(_PRAISE, 0, first)


def _leet(name: Name, seen: str, *, is_whole: bool) -> Evidence | None:
    """Judge digits that stand for letters; a word and a number are no disguise, and many digits are unsure."""
    rest = seen.strip("0123456789")
    if not rest or rest in ENGLISH_WORDS:
        return None
    digits = sum(character.isdigit() for character in seen)
    mostly_letters = len(seen) > 2 * digits
    # Letters between digits are no article number, which has them in blocks.
    mixed = len(_BLOCKS.findall(seen)) >= _MIXED and (len(seen) >= 2 * digits or (name.size >= _LEET and is_whole))
    return Evidence("leet", 900, (mostly_letters or mixed) and name.size >= _DISTINCT)


def _is_long_name(name: Name, text: str, cuts: list[int]) -> bool:
    """Tell if what a blank divides is too long, and too strange, to be two words by chance."""
    parts = [text[first:last] for first, last in pairwise(cuts)]
    return name.writing is Writing.LETTER and name.size >= _LONG and not all(part in ENGLISH_WORDS for part in parts)


def _spacing(name: Name, view: View, start: int, end: int) -> Evidence:
    """Judge the separators inside a surface that the name has not."""
    if view.at[end - 1] - view.at[start] + 1 == len(set(view.at[start:end])):
        return JOINED if name.breaks else EXACT
    breaks = [index for index in range(start + 1, end) if view.parted(index)]
    extra = [index for index in breaks if index - start not in name.breaks]
    if extra and end - start != len(name.folded):
        own = aligned_breaks(name.folded, name.breaks, view.folded[start:end])
        extra = [index for index in extra if index - start not in own]
    if not extra:
        return EXACT
    apart = len(breaks) + 1 == name.size or breaks == list(range(start + 1, end))
    blank = any(view.original[i].isspace() for b in extra for i in range(view.at[b - 1] + 1, view.at[b]))
    if apart:
        return Evidence("apart", 930, name.size >= _APART[name.writing])
    # One blank inside a name in letters, or in Hanzi, may just be between two words; Korean spaces freely.
    if blank and name.writing is not Writing.HANGUL:
        return Evidence("spacing", 800, _is_long_name(name, view.folded, [start, *extra, end]))
    return Evidence("spacing", 900, name.size >= _PARTED[name.writing])
