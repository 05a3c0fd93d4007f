"""Find names in a text through several views of it, and weigh what is found.

Which views are made depends on the characters of the text: most texts are searched by their words alone.
"""

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from klean_stream.brands.boundaries import stands_alone
from klean_stream.brands.evidence import EXACT, TURNED, Evidence, as_written, weigh
from klean_stream.brands.index import KnownStarts, NameIndex, Names, WordIndex
from klean_stream.brands.masked import MaskedNames
from klean_stream.brands.names import SHORT, Name
from klean_stream.text import (
    Reading,
    View,
    Writing,
    can_look_alike,
    hangul_units,
    has_han,
    has_hangul,
    has_kana,
    looks_of,
    read_hangul,
    read_mandarin,
    read_romanised,
    read_stylised,
    read_symbols,
    read_turned,
    skeleton,
    sound,
    sound_of,
    syllables,
    unit_starts,
)

Stands = Callable[[Name, View, int, int], bool]
Candidate = tuple[View, int, int, Names]

_SHORTEST_SOUND = 2
_STRETCH, _LEEWAY = 8, 16
"""A surface is at most so many times as long as its name, and so many characters more: else it is no name."""


class Place(NamedTuple):
    """Where a text shows a name: the half-open span in the original text, and how."""

    name: Name
    start: int
    end: int
    evidence: Evidence


class NameFinder:
    """Names, searched for all at once in time linear in the length of the text."""

    def __init__(self, stands: Stands = stands_alone) -> None:
        self._stands = stands
        self._letters = WordIndex()
        self._characters = NameIndex()
        self._mandarin = NameIndex()
        self._han_starts = KnownStarts((self._characters, skeleton), (self._mandarin, syllables))
        self._hangul = NameIndex()
        self._looks = NameIndex()
        self._hangul_starts = KnownStarts((self._hangul, sound_of), (self._looks, looks_of))
        self._masked = MaskedNames()

    def add(self, names: Collection[Name]) -> None:
        """Look for these names from now on."""
        self._masked.add(names)
        for name in names:
            for index, key in self._keys(name):
                index.add(key, name)
        self._forget()

    def remove(self, names: Collection[Name]) -> None:
        """Look for these names no longer."""
        self._masked.remove(names)
        for name in names:
            for index, key in self._keys(name):
                index.remove(key, name)
        self._forget()

    def find(self, text: str, plain: Reading, *, strong: bool = False) -> Iterator[Place]:
        """Give all places, overlapping and repeated ones included; ``plain`` is the text as :func:`read`.

        With ``strong``, words that are names and may be other words, too, are left out where they are plain.
        """
        yield from self._in_words(plain, strong=strong)
        for symbols in read_symbols(plain):
            yield from self._in_words(symbols)
        for start, end, name, is_sure in self._masked.find(text):
            yield Place(name, start, end, Evidence("masked", 800, is_sure))
        if not text.isascii():
            if plain.is_odd:
                yield from self._in_odd_letters(plain)
            for view, start, end, names in self._in_characters(text, plain):
                for name in names:
                    if self._stands(name, view, start, end):
                        yield from _weighed(view, start, end, name)

    def _forget(self) -> None:
        self._letters.forget()
        self._han_starts.forget()
        self._hangul_starts.forget()

    def _keys(self, name: Name) -> Iterator[tuple[NameIndex, str]]:
        if name.writing is Writing.HANGUL:
            yield self._hangul, sound(name.folded)
            units = hangul_units(name.shown)
            if len(units) == name.size > 1 and can_look_alike(units):
                yield self._looks, looks_of(units)
        elif name.writing in (Writing.HAN, Writing.KANA):
            yield self._characters, skeleton(name.folded)
            if name.writing is Writing.HAN and name.size >= _SHORTEST_SOUND:
                yield self._mandarin, syllables(name.folded)
        else:
            yield self._letters, skeleton(name.folded)

    def _in_words(self, reading: Reading, *, strong: bool = False) -> Iterator[Place]:
        """Search whole words. What stands around them needs no look: that is what parted them."""
        original, is_even, begin_of = reading.original, reading.is_even, reading.begin_of
        for first, last, letters, spelt in self._letters.find_in(reading.words):
            names = spelt
            if strong:
                names = tuple(name for name in spelt if not name[0].weak)
                if not names:
                    continue
            if is_even:
                begin = begin_of(first)
                end = begin_of(last) + letters
                surface = original[begin:end]
                if surface.isascii():
                    small = surface.lower()
                    for name, evidence in names:
                        if evidence is not None:
                            yield Place(name, begin, end, as_written(evidence, surface))
                        elif small == name.shown.lower():
                            yield Place(name, begin, end, EXACT)
                        else:
                            offsets = reading.offsets
                            yield from _weighed(reading.view, offsets[first], offsets[last] + letters, name)
                    continue
            offsets = reading.offsets
            for name, _ in names:
                yield from _weighed(reading.view, offsets[first], offsets[last] + letters, name)

    def _in_odd_letters(self, plain: Reading) -> Iterator[Place]:
        stylised = read_stylised(plain)
        if stylised is not None:
            yield from self._in_words(stylised)
        for first, last, name, is_sure in self._letters.find_unread(plain.words):
            start, end = plain.view.span(plain.offsets[first], plain.offsets[last + 1])
            yield Place(name, start, end, Evidence("confusables", 810, is_sure))
        turned = read_turned(plain)
        if turned is not None:
            yield from self._in_turned(*turned)

    def _in_turned(self, words: list[str], spans: list[tuple[int, int]]) -> Iterator[Place]:
        """Search words that are upside down: the first one stands last in the text."""
        for first, last, letters, names in self._letters.find_in(words):
            folded = "".join(words[first : last + 1])
            if letters == len(words[last]):
                for name, _ in names:
                    if name.folded == folded and name.size > SHORT:
                        yield Place(name, spans[last][0], spans[first][1], TURNED)

    def _in_characters(self, text: str, plain: Reading) -> Iterator[Candidate]:
        if has_han(text) or has_kana(text):
            yield from self._in_han(plain.view)
        if has_hangul(text):
            yield from self._in_hangul(text)

    def _in_han(self, view: View) -> Iterator[Candidate]:
        sounds: View | None = None
        for start, known in self._han_starts.find_in(view.folded):
            if known & 1:
                for end, names in self._characters.find_at(view.skeleton, start):
                    yield view, start, end, names
            if known & 2:
                sounds = sounds or read_mandarin(view)
                for end, names in self._mandarin.find_at(sounds.skeleton, start):
                    yield sounds, start, end, names

    def _in_hangul(self, text: str) -> Iterator[Candidate]:
        units = hangul_units(text)
        places = self._hangul_starts.find_in(units)
        if places:
            view, starts = read_hangul(text), unit_starts(units)
            looks = looks_of(units)
            for place, known in places:
                if known & 1:
                    for end, names in self._hangul.find_within(view.skeleton, starts, place):
                        yield view, starts[place], end, names
                if known & 2:
                    for last, names in self._looks.find_at(looks, place):
                        yield view, starts[place], starts[last], names
        romanised = read_romanised(text)
        if romanised is not None:
            at = romanised.at
            for start in [i for i in range(len(at)) if not i or at[i] != at[i - 1]]:
                for end, names in self._hangul.find_at(romanised.skeleton, start):
                    yield romanised, start, end, names


def _weighed(view: View, start: int, end: int, name: Name) -> Iterator[Place]:
    if view.at[end - 1] - view.at[start] <= _STRETCH * len(name.folded) + _LEEWAY:
        evidence = weigh(name, view, start, end)
        if evidence is not None:
            yield Place(name, *view.span(start, end), evidence)
