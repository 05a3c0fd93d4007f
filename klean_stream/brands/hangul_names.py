"""Find names in Hangul: by how they sound, by how they look, and with Latin syllables in them.

A name may stand anywhere, but most lie in one word, and what a word shows does not depend on the others. So words are
remembered with the names in them, and only what goes over from one word to the next is weighed anew.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from klean_stream.brands.index import Hit, NameIndex
from klean_stream.brands.names import Name
from klean_stream.brands.weighing import Place, Weighing
from klean_stream.text import (
    PLAIN_HANGUL,
    can_look_alike,
    hangul_units,
    heard,
    looks_in,
    looks_of,
    read_hangul,
    read_romanised,
    sound,
    unit_starts,
)
from klean_stream.text.remembered import Remembered

_MOST_WORDS: Final = 8_192
"""Words, and stretches of them that a name goes over, remembered at least."""
_PLAIN_WORD: Final = re.compile("[^\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]{1,64}").fullmatch
"""What conjoining jamo show depends on the text around them: see :mod:`klean_stream.brands.evidence`."""
_MIXED: Final = re.compile("[\uac00-\ud7a3][A-Za-z]|[A-Za-z][\uac00-\ud7a3]")
_LATIN: Final = re.compile("[A-Za-z]")


class _Word:
    """A plain word: how it sounds and looks, how many hits there are in both, and the places that came of them.

    ``can_look``: one of its syllables has a look-alike. ``is_mixed``: a Latin letter stands beside a syllable.
    """

    __slots__ = ("can_look", "heard", "hits", "is_mixed", "looked", "looks", "places")

    def __init__(
        self, heard: str, looks: str, hits: int, looked: int, places: list[Place], *, can_look: bool, is_mixed: bool
    ) -> None:
        self.heard = heard
        self.looks = looks
        self.hits = hits
        self.looked = looked
        self.can_look = can_look
        self.is_mixed = is_mixed
        self.places = places


class HangulNames:
    """Names in Hangul, searched for all at once."""

    def __init__(self, weighing: Weighing) -> None:
        self._weighing = weighing
        self._by_sound = NameIndex()
        self._by_look = NameIndex()
        self._words = Remembered(self._read_word, _MOST_WORDS)
        self._stretches = Remembered(self._weigh_stretch, _MOST_WORDS)

    def add(self, name: Name) -> None:
        """Look for a name. :meth:`forget` must follow before the next search."""
        for index, key in self._keys(name):
            index.add(key, name)

    def remove(self, name: Name) -> None:
        """Look for a name no longer. :meth:`forget` must follow before the next search."""
        for index, key in self._keys(name):
            index.remove(key, name)

    def forget(self) -> None:
        """Forget what was known of words."""
        self._words, self._stretches = self._words.renewed(), self._stretches.renewed()

    def find(self, text: str) -> list[Place]:
        """Give all places, overlapping and repeated ones included."""
        parts = text.split()
        remembered = self._words
        words = [remembered[part] for part in parts]
        known = [word for word in words if word is not None]
        if len(known) < len(words):
            return self._in_text(text) + self._romanised(text)
        places = self._in_words(text, parts, known)
        if any(word.is_mixed for word in known):
            places += self._romanised(text)
        return places

    def _romanised(self, text: str) -> list[Place]:
        romanised = read_romanised(text)
        if romanised is None:
            return []
        at = romanised.at
        # What has no Latin letter in it was found already.
        hits = [
            hit
            for hit in self._by_sound.find(romanised.skeleton)
            if (not hit[0] or at[hit[0]] != at[hit[0] - 1]) and _LATIN.search(text, at[hit[0]], at[hit[1] - 1] + 1)
        ]
        return self._weighing.places(romanised, hits)

    def _in_words(self, text: str, parts: list[str], words: list[_Word]) -> list[Place]:
        places: list[Place] = []
        begins: list[int] = []
        end = 0
        for part, word in zip(parts, words, strict=True):
            begin = text.index(part, end)
            end = begin + len(part)
            begins.append(begin)
            if word.places:
                places += [_moved(place, begin) for place in word.places]
        if len(words) == 1:
            return places
        hits = self._by_sound.find("".join([word.heard for word in words]))
        # Every name that is looked for by its looks has a syllable with a look-alike.
        can_look = any(word.can_look for word in words)
        looked = self._by_look.find("".join([word.looks for word in words])) if can_look else []
        over: set[tuple[int, int]] = set()
        if len(hits) > sum([word.hits for word in words]):
            over.update(_going_over(hits, [len(word.heard) for word in words]))
        if len(looked) > sum([word.looked for word in words]):
            over.update(_going_over(looked, [len(word.looks) for word in words]))
        for first, last in sorted(over):
            begin = begins[first]
            stretch = text[begin : begins[last] + len(parts[last])]
            places += [_moved(place, begin) for place in self._stretches[stretch]]
        return places

    def _weigh_stretch(self, stretch: str) -> list[Place]:
        """Give the places that begin in the first word of several and end in the last one."""
        places = self._in_text(stretch)
        first, last = len(stretch.split(maxsplit=1)[0]), len(stretch) - len(stretch.rsplit(maxsplit=1)[-1])
        return [place for place in places if place.start < first and place.end > last]

    def _in_text(self, text: str) -> list[Place]:
        return self._weigh(text, self._by_sound.find(heard(text)), self._by_look.find(looks_in(text)))

    def _weigh(self, text: str, hits: list[Hit], looked: list[Hit]) -> list[Place]:
        if looked:
            hits = hits + _by_letters(looked, text)
        return self._weighing.places(read_hangul(text), hits) if hits else []

    def _read_word(self, word: str) -> _Word | None:
        """Search one word; None if it has to be looked at together with others."""
        is_plain = PLAIN_HANGUL(word) is not None
        if not is_plain and _PLAIN_WORD(word) is None:
            return None
        sounds, looks = heard(word), looks_in(word)
        can_look = can_look_alike(looks)
        hits, looked = self._by_sound.find(sounds), self._by_look.find(looks) if can_look else []
        is_mixed = not is_plain and _MIXED.search(word) is not None
        return _Word(
            sounds,
            looks,
            len(hits),
            len(looked),
            self._weigh(word, hits, looked),
            can_look=can_look,
            is_mixed=is_mixed,
        )

    def _keys(self, name: Name) -> Iterator[tuple[NameIndex, str]]:
        yield self._by_sound, sound(name.folded)
        units = hangul_units(name.shown)
        if len(units) == name.size > 1 and can_look_alike(units):
            yield self._by_look, looks_of(units)


def _going_over(hits: list[Hit], sizes: list[int]) -> Iterator[tuple[int, int]]:
    """Give the first word and the last one of hits that do not lie in one of the words that have these sizes."""
    ends = list(accumulate(sizes, initial=0))
    for start, end, _ in hits:
        first = bisect_right(ends, start) - 1
        if end > ends[first + 1]:
            yield first, bisect_left(ends, end) - 1


def _moved(place: Place, by: int) -> Place:
    return Place(place.name, place.start + by, place.end + by, place.evidence)


def _by_letters(looked: list[Hit], text: str) -> list[Hit]:
    """Give hits in units as hits in letters."""
    starts = unit_starts(hangul_units(text))
    return [(starts[first], starts[last], names) for first, last, names in looked]
