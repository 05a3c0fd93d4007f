"""Names that a text misses by one letter: evidence for a person, never for a machine.

A name with one edit has its first half or its second half intact (unless the edit swaps the letters where
they meet). So the words of a text are compared only with names of nearly their length that share a half with
them, by rapidfuzz's optimal string alignment distance, in which a swap of neighbours is one edit. Of two words
put together, one is intact.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Final

from rapidfuzz.distance import OSA

from klean_stream.brands.context import Setting
from klean_stream.brands.dictionary import ENGLISH_WORDS
from klean_stream.brands.match import BrandMatch
from klean_stream.brands.names import Name
from klean_stream.text import Reading, Writing
from klean_stream.text.remembered import Remembered

_SHORTEST, _LONGEST = 6, 24
_SHORTEST_PART: Final = 4
"""Letters from which on one word of two can be missed."""
_MOST_WORDS: Final = 40
"""Words at the beginning of a field that are examined, and candidates for each: what bounds the cost."""
_MOST_CANDIDATES: Final = 400
_MOST_KNOWN: Final = 24_576
"""Words, and pairs of words, remembered at least."""
_CONFIDENCE: Final = 600

Names = tuple[Name, ...]


class _Word:
    """What is known of a word.

    ``missed`` are the names that it misses; None if it is right as it is, or too short or too mixed to tell. ``opens``
    and ``closes``: it is the first, or the second, word of a name of two.
    """

    __slots__ = ("closes", "missed", "opens")

    def __init__(self, missed: Names | None, *, opens: bool, closes: bool) -> None:
        self.missed = missed
        self.opens = opens
        self.closes = closes


# One object each, for nearly every word is one of these.
_MISSES_NONE: Final = {
    (can_miss, opens, closes): _Word(() if can_miss else None, opens=opens, closes=closes)
    for can_miss, opens, closes in product((False, True), repeat=3)
}


class NearMisses:
    """The names in letters by their halves."""

    def __init__(self) -> None:
        # For each length of a name: names by the letters of their first half, and by those of their second.
        self._by_half: dict[int, tuple[dict[str, Names], dict[str, Names]]] = {
            size: ({}, {}) for size in range(_SHORTEST - 1, _LONGEST + 2)
        }
        self._openings: Counter[str] = Counter()
        self._closings: Counter[str] = Counter()
        self._known = Remembered(self._look_up, _MOST_KNOWN)
        self._pairs = Remembered(self.nearest, _MOST_KNOWN)

    def add(self, names: Iterable[Name]) -> None:
        """Take names into account, those that can be told from a slip."""
        for name in filter(_can_be_missed, names):
            for by_half, half in self._halves_of(name):
                others = by_half.get(half, ())
                # In what order the brands came in must not matter: of too many, the first by id count.
                by_half[half] = tuple(sorted((*others, name), key=_order)) if others else (name,)
            self._count_words(name, +1)
        self._known, self._pairs = self._known.renewed(), self._pairs.renewed()

    def remove(self, names: Iterable[Name]) -> None:
        """Forget names."""
        for name in filter(_can_be_missed, names):
            for by_half, half in self._halves_of(name):
                rest = tuple(other for other in by_half.get(half, ()) if other is not name)
                if rest:
                    by_half[half] = rest
                else:
                    by_half.pop(half, None)
            self._count_words(name, -1)
        self._known, self._pairs = self._known.renewed(), self._pairs.renewed()

    def find(self, field: str, reading: Reading, setting: Setting, taken: list[BrandMatch]) -> list[BrandMatch]:
        """Give the near misses among the first words and pairs of words, where no match has been taken yet."""
        found = []
        for first, last, names in self._missed(reading.words[:_MOST_WORDS]):
            if reading.is_even:
                start, end = reading.begin_of(first), reading.begin_of(last) + len(reading.words[last])
            else:
                start, end = reading.view.span(reading.offsets[first], reading.offsets[last + 1])
            if any(match.start < end and start < match.end for match in taken):
                continue
            for name in names:
                use = setting.use_of(name, start, end)
                if use != "ordinary":
                    found.append(
                        BrandMatch(
                            brand_id=name.brand_id,
                            surface=reading.original[start:end],
                            start=start,
                            end=end,
                            field=field,
                            technique="near_miss",
                            confidence=_CONFIDENCE,
                            tier="review",
                            use=use,
                        )
                    )
        return found

    def nearest(self, word: str) -> Names:
        """Give the names that a folded word misses by one edit, in the order of their brands' ids."""
        if not _SHORTEST <= len(word) <= _LONGEST or word in ENGLISH_WORDS:
            return ()
        found: dict[tuple[str, str], Name] = {}
        for size in (len(word) - 1, len(word), len(word) + 1):
            cut = size // 2
            firsts, seconds = self._by_half[size]
            for names in (firsts.get(word[:cut]), seconds.get(word[cut - size :])):
                for name in names[:_MOST_CANDIDATES] if names else ():
                    if OSA.distance(word, name.folded, score_cutoff=1) == 1:
                        found.setdefault((name.brand_id, name.folded), name)
        return tuple(found[key] for key in sorted(found)) if found else ()

    def _look_up(self, word: str) -> _Word:
        can_miss = len(word) >= _SHORTEST_PART and word not in ENGLISH_WORDS and word.isascii() and word.isalpha()
        missed = self.nearest(word) if can_miss else None
        opens, closes = word in self._openings, word in self._closings
        return _Word(missed, opens=opens, closes=closes) if missed else _MISSES_NONE[can_miss, opens, closes]

    def _missed(self, words: list[str]) -> list[tuple[int, int, Names]]:
        missed: list[tuple[int, int, Names]] = []
        before: _Word | None = None
        known = self._known
        for index, folded in enumerate(words):
            word = known[folded]
            if word.missed:
                missed.append((index, index, word.missed))
            if before is not None and (
                (before.opens and word.missed is not None) or (word.closes and before.missed is not None)
            ):
                names = self._pairs[words[index - 1] + folded]
                if names:
                    missed.append((index - 1, index, names))
            before = word
        return missed

    def _halves_of(self, name: Name) -> Iterator[tuple[dict[str, Names], str]]:
        size = len(name.folded)
        firsts, seconds = self._by_half[size]
        yield firsts, name.folded[: size // 2]
        yield seconds, name.folded[size // 2 :]

    def _count_words(self, name: Name, change: int) -> None:
        if len(name.breaks) == 1:
            (cut,) = name.breaks
            for counter, word in ((self._openings, name.folded[:cut]), (self._closings, name.folded[cut:])):
                counter[word] += change
                if not counter[word]:
                    del counter[word]


def _can_be_missed(name: Name) -> bool:
    return (
        name.writing is Writing.LETTER
        and _SHORTEST <= len(name.folded) <= _LONGEST
        and not name.common
        and name.folded.isascii()
        and name.folded.isalpha()
    )


def _order(name: Name) -> tuple[str, str]:
    return name.brand_id, name.shown
