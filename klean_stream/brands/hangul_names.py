"""Find names in Hangul: by how they sound, by how they look, and with Latin syllables in them.

A name may stand anywhere, but most lie in one word, and what a word shows does not depend on the others. So words are
remembered with the names in them, and only what goes over from one word to the next is weighed anew.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from klean_stream.brands.index import Hit, NameIndex
from klean_stream.brands.names import Name
from klean_stream.brands.remembered import Remembered
from klean_stream.brands.weighing import Place, Weighing
from klean_stream.text import (
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

_MOST_WORDS = 8_192
"""Words remembered at least."""
_PLAIN_WORD = re.compile("[!-~\uac00-\ud7a3]{1,64}").fullmatch
"""Syllables and ASCII: whatever else stands in a word may change what it shows together with others."""


class _Word(NamedTuple):
    """A plain word: how it sounds and looks, how many hits there are in both, and the places that came of them."""

    heard: str
    looks: str
    hits: int
    looked: int
    places: list[Place]


class HangulNames:
    """Names in Hangul, searched for all at once."""

    def __init__(self, weighing: Weighing) -> None:
        self._weighing = weighing
        self._by_sound = NameIndex()
        self._by_look = NameIndex()
        self._words = Remembered(self._read_word, _MOST_WORDS)

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
        self._words.forget()

    def find(self, text: str) -> list[Place]:
        """Give all places, overlapping and repeated ones included."""
        parts = text.split()
        words = list(map(self._words.__getitem__, parts))
        known = [word for word in words if word is not None]
        places = self._in_words(text, parts, known) if len(known) == len(words) else self._in_text(text)
        romanised = read_romanised(text)
        if romanised is not None:
            at = romanised.at
            hits = self._by_sound.find(romanised.skeleton)
            whole = [hit for hit in hits if not hit[0] or at[hit[0]] != at[hit[0] - 1]]
            places += self._weighing.places(romanised, whole)
        return places

    def _in_words(self, text: str, parts: list[str], words: list[_Word]) -> list[Place]:
        places: list[Place] = []
        end = 0
        for part, word in zip(parts, words, strict=True):
            begin = text.index(part, end)
            end = begin + len(part)
            if word.places:
                places += [Place(name, begin + first, begin + last, how) for name, first, last, how in word.places]
        if len(words) == 1:
            return places
        hits = self._by_sound.find("".join([word.heard for word in words]))
        looked = self._by_look.find("".join([word.looks for word in words]))
        if len(hits) > sum([word.hits for word in words]):
            hits = _going_over(hits, [len(word.heard) for word in words])
            places += self._weighing.places(read_hangul(text), hits)
        if len(looked) > sum([word.looked for word in words]):
            looked = _going_over(looked, [len(word.looks) for word in words])
            places += self._weighing.places(read_hangul(text), _by_letters(looked, text))
        return places

    def _in_text(self, text: str) -> list[Place]:
        hits = self._by_sound.find(heard(text))
        looked = self._by_look.find(looks_in(text))
        if looked:
            hits += _by_letters(looked, text)
        return self._weighing.places(read_hangul(text), hits) if hits else []

    def _read_word(self, word: str) -> _Word | None:
        """Search one word; None if it has to be looked at together with others."""
        if _PLAIN_WORD(word) is None:
            return None
        hits = self._by_sound.find(heard(word))
        looked = self._by_look.find(looks_in(word))
        return _Word(heard(word), looks_in(word), len(hits), len(looked), self._in_text(word))

    def _keys(self, name: Name) -> Iterator[tuple[NameIndex, str]]:
        yield self._by_sound, sound(name.folded)
        units = hangul_units(name.shown)
        if len(units) == name.size > 1 and can_look_alike(units):
            yield self._by_look, looks_of(units)


def _going_over(hits: list[Hit], sizes: list[int]) -> list[Hit]:
    """Give the hits that do not lie in one of the words that have these sizes."""
    ends = list(accumulate(sizes))
    return [hit for hit in hits if hit[1] > ends[bisect_right(ends, hit[0])]]


def _by_letters(looked: list[Hit], text: str) -> list[Hit]:
    """Give hits in units as hits in letters."""
    starts = unit_starts(hangul_units(text))
    return [(starts[first], starts[last], names) for first, last, names in looked]
