"""Compare what was found with the name it was found for: by which disguise are they the same?"""

import re
from dataclasses import dataclass
from itertools import groupby

from klean_stream.brands.dictionary import ENGLISH_WORDS
from klean_stream.brands.names import Name
from klean_stream.text import FOLD, NORMAL, SILENT, WRITING, View, Writing, skeleton


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a surface shows a name. ``sure`` is False where only a person should act on it."""

    technique: str
    confidence: int
    sure: bool = True


_EXACT = Evidence("exact", 1000)
_LONG_RUN = re.compile(r"(.)\1\1")
_DISTINCT = 4
"""Letters from which on a disguised short name is told from other words."""


def weigh(name: Name, view: View, start: int, end: int) -> Evidence | None:
    """Give the evidence that ``view.folded[start:end]`` is the name; None if it is not."""
    first, last = view.span(start, end)
    surface = view.original[first:last]
    if surface == name.shown:
        return _EXACT
    seen = view.folded[start:end]
    spelling = _EXACT if seen == name.folded else _spelling(name, seen, surface)
    if spelling is None:
        return None
    spacing = _spacing(name, view, start, end)
    if spacing is None:
        return None
    found = min((spelling, spacing, _characters(surface, view, start, end)), key=lambda e: e.confidence)
    return Evidence(found.technique, found.confidence, spelling.sure and spacing.sure)


def _characters(surface: str, view: View, start: int, end: int) -> Evidence:
    """Say which characters were written for the letters, when the letters themselves are right."""
    if surface.isascii():
        if all(view.original[index].isalnum() for index in view.at[start:end]):
            return _EXACT
        return Evidence("leet", 900)
    used = [view.original[index] for index in view.at[start:end]]
    if any(WRITING[c] is Writing.SEPARATOR and not FOLD[c] for c in used):
        return Evidence("symbols", 900)
    if any(not c.isascii() and WRITING[c] is not Writing.HANGUL and NORMAL[c] != FOLD[c] for c in used):
        return Evidence("confusables", 950)
    if any(WRITING[c] is Writing.INVISIBLE for c in surface):
        return Evidence("invisible", 960)
    if any(WRITING[c] is Writing.HANGUL and not "\uac00" <= c <= "\ud7a3" for c in used):
        return Evidence("jamo", 940)
    if any(NORMAL[c] != c.casefold() for c in used) or any(WRITING[c] in SILENT for c in surface):
        return Evidence("compatibility", 970)
    return _EXACT


def _spelling(name: Name, seen: str, surface: str) -> Evidence | None:
    """Compare run by run two spellings that fall into the same classes."""
    if name.writing is Writing.HANGUL:
        return _sounds(name, seen)
    digits = strokes = repeated = doubled = fewer = 0
    for mine, its in zip(_runs(name.folded), _runs(seen), strict=True):
        if mine == its:
            continue
        if len(its) < len(mine):
            fewer += 1
        elif len(its) > len(mine):
            if set(its) != set(mine):
                return None
            repeated += _LONG_RUN.search(its) is not None
            doubled += 1
        else:
            for wanted, got in zip(mine, its, strict=True):
                if wanted != got and wanted.isdigit():
                    return None
                digits += wanted != got and got.isdigit()
                strokes += wanted != got and not got.isdigit()
    if digits:
        return _leet(name, seen)
    if strokes:
        if name.size < _DISTINCT or fewer or doubled:
            return None
        return Evidence("strokes", 880, _stroke_is_disguised(surface))
    if fewer or name.size < _DISTINCT:
        # A letter less is an ordinary slip, or another word.
        return Evidence("doubled", 650, sure=False) if name.size > _DISTINCT and not repeated else None
    if repeated == doubled:
        return Evidence("repeated", 900)
    return Evidence("doubled", 860, name.size > _DISTINCT and seen not in ENGLISH_WORDS)


def _sounds(name: Name, seen: str) -> Evidence:
    other = sum(wanted != got for wanted, got in zip(name.folded, seen, strict=True))
    return Evidence("sounds_alike", 850, name.size > 2 and other <= 2)


def _leet(name: Name, seen: str) -> Evidence | None:
    """Judge digits that stand for letters: a word with a number at its end is none, and what is mostly number is unsure."""
    rest = seen.strip("0123456789")
    if not rest or rest in ENGLISH_WORDS:
        return None
    digits = sum(character.isdigit() for character in seen)
    return Evidence("leet", 900, len(seen) > 2 * digits and name.size >= _DISTINCT)


def _runs(text: str) -> list[str]:
    return ["".join(run) for _, run in groupby(text, key=skeleton)]


def _stroke_is_disguised(surface: str) -> bool:
    """Tell if l stands among capitals, or I among small letters: there it is there for its looks."""
    for before, here, after in zip(" " + surface, surface, surface[1:] + " ", strict=False):
        if (
            here == "l"
            and (before.isupper() or after.isupper())
            and not (before.islower() or after.islower())
        ):
            return True
        if here == "I" and before.islower():
            return True
    return not surface.isascii()


def _spacing(name: Name, view: View, start: int, end: int) -> Evidence | None:
    """Judge the separators inside a surface that the name has not."""
    if view.at[end - 1] - view.at[start] + 1 == len(set(view.at[start:end])):
        return _EXACT if not name.breaks else Evidence("joined", 980)
    breaks = [index for index in range(start + 1, end) if view.parted(index)]
    extra = [index for index in breaks if index - start not in name.breaks]
    if not extra:
        return _EXACT
    pieces = [b - a for a, b in zip([start, *breaks], [*breaks, end], strict=True)]
    apart = len(breaks) + 1 == name.size or (name.writing is Writing.LETTER and max(pieces) == 1)
    blank = any(view.original[i].isspace() for b in extra for i in range(view.at[b - 1] + 1, view.at[b]))
    if name.writing is Writing.LETTER:
        if apart:
            return Evidence("spacing", 930, name.size >= 4)
        return Evidence("spacing", 800 if blank else 900, not blank and name.size >= 5)
    if name.writing is Writing.HANGUL:
        return Evidence("spacing", 930, name.size >= 3 or (apart and not blank))
    if blank and not apart:
        return Evidence("spacing", 800, sure=False)
    return Evidence("spacing", 930, name.size >= 2)
