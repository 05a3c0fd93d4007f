"""Find names in a text through several views of it, and weigh what is found.

Which views are made depends on the characters of the text: most texts are searched by their words alone.
"""

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from klean_stream.brands.boundaries import stands_alone
from klean_stream.brands.evidence import EXACT, PLAIN_HANGUL, TURNED, Evidence, as_written, weigh
from klean_stream.brands.index import KeyedNames, NameIndex, Names
from klean_stream.brands.masked import MaskedNames
from klean_stream.brands.names import SHORT, Name
from klean_stream.brands.remembered import Remembered
from klean_stream.brands.sieve import Found, Sieve, Spelt
from klean_stream.brands.word_index import WordIndex
from klean_stream.text import (
    Reading,
    View,
    Writing,
    can_look_alike,
    hangul_units,
    has_han,
    has_hangul,
    has_kana,
    heard,
    looks_in,
    looks_of,
    read,
    read_hangul,
    read_romanised,
    read_stylised,
    read_symbols,
    read_turned,
    skeleton,
    sound,
    syllables,
    unit_starts,
)

Stands = Callable[[Name, View, int, int], bool]

_SHORTEST_SOUND = 2
_STRETCH, _LEEWAY = 8, 16
"""A surface is at most so many times as long as its name, and so many characters more: else it is no name."""


class Place(NamedTuple):
    """Where a text shows a name: the half-open span in the original text, and how."""

    name: Name
    start: int
    end: int
    evidence: Evidence


_MOST_WEIGHED = 8_192
"""Surfaces remembered at least, with what they are for a name."""


class NameFinder:
    """Names, searched for all at once in time linear in the length of the text."""

    def __init__(self, stands: Stands = stands_alone) -> None:
        self._stands = stands
        self._letters = WordIndex()
        self._characters = NameIndex()
        self._mandarin = NameIndex()
        self._hangul = NameIndex()
        self._looks = NameIndex()
        self._masked = MaskedNames()
        self._weighed = Remembered(_weigh_alone, _MOST_WEIGHED)

    def add(self, names: Collection[Name]) -> None:
        """Look for these names from now on."""
        self._masked.add(names)
        for name in names:
            for index, key in self._keys(name):
                index.add(key, name)
        self._letters.forget()

    def remove(self, names: Collection[Name]) -> None:
        """Look for these names no longer."""
        self._masked.remove(names)
        for name in names:
            for index, key in self._keys(name):
                index.remove(key, name)
        self._letters.forget()
        self._weighed.forget()

    def find(self, text: str, plain: Reading, sieve: Sieve | None = None) -> list[Place]:
        """Give all places, overlapping and repeated ones included; ``plain`` is the text as :func:`read`.

        What words are that are written plainly goes through the sieve.
        """
        places: list[Place] = []
        found = self._letters.find_in(plain.words, sieve)
        if found:
            self._place_words(plain, found, places)
        for symbols in read_symbols(plain):
            self._place_words(symbols, self._letters.find_in(symbols.words), places)
        for start, end, name, is_sure in self._masked.find(text):
            places.append(Place(name, start, end, Evidence("masked", 800, is_sure)))
        if not text.isascii():
            if plain.is_odd:
                self._place_odd_letters(plain, places)
            if has_han(text) or has_kana(text):
                self._place_han(plain, places)
            if has_hangul(text):
                self._place_hangul(text, places)
        return places

    def _keys(self, name: Name) -> Iterator[tuple[KeyedNames, str]]:
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

    def _place_odd_letters(self, plain: Reading, places: list[Place]) -> None:
        stylised = read_stylised(plain)
        if stylised is not None:
            self._place_words(stylised, self._letters.find_in(stylised.words), places)
        for first, last, name, is_sure in self._letters.find_unread(plain.words):
            start, end = plain.view.span(plain.offsets[first], plain.offsets[last + 1])
            places.append(Place(name, start, end, Evidence("confusables", 810, is_sure)))
        turned = read_turned(plain)
        if turned is not None:
            self._place_turned(*turned, places)

    def _place_turned(self, words: list[str], spans: list[tuple[int, int]], places: list[Place]) -> None:
        """Search words that are upside down: the first one stands last in the text."""
        for first, last, letters, names in self._letters.find_in(words):
            folded = "".join(words[first : last + 1])
            if letters == len(words[last]):
                for name, _ in names:
                    if name.folded == folded and name.size > SHORT:
                        places.append(Place(name, spans[last][0], spans[first][1], TURNED))

    def _place_han(self, plain: Reading, places: list[Place]) -> None:
        folded = "".join(plain.words)
        by_look = self._characters.find(skeleton(folded))
        by_sound = self._mandarin.find(syllables(folded))
        if not by_look and not by_sound:
            return
        # What looks like a name sounds like it, too.
        seen = {(start, end, id(name)) for start, end, names in by_look for name in names}
        heard_only = [(s, e, tuple([n for n in names if (s, e, id(n)) not in seen])) for s, e, names in by_sound]
        view = plain.view
        for start, end, names in sorted((*by_look, *heard_only), key=_place_of):
            self._weigh(view, start, end, names, places)

    def _place_hangul(self, text: str, places: list[Place]) -> None:
        by_sound = self._hangul.find(heard(text))
        by_look = self._looks.find(looks_in(text))
        if by_sound or by_look:
            view = read_hangul(text)
            if by_look:
                starts = unit_starts(hangul_units(text))
                looked = [(starts[first], starts[last], names) for first, last, names in by_look]
                by_sound = sorted((*by_sound, *looked), key=_place_of)
            for start, end, names in by_sound:
                self._weigh(view, start, end, names, places)
        romanised = read_romanised(text)
        if romanised is not None:
            at = romanised.at
            for start, end, names in self._hangul.find(romanised.skeleton):
                if not start or at[start] != at[start - 1]:
                    self._weigh(romanised, start, end, names, places)

    def _weigh(self, view: View, start: int, end: int, names: Names, places: list[Place]) -> None:
        for name in names:
            if self._stands(name, view, start, end):
                self._place(view, start, end, name, places)

    def _place_words(self, reading: Reading, found: list[Found], places: list[Place]) -> None:
        """Place whole words. What stands around them needs no look: that is what parted them."""
        original, is_even = reading.original, reading.is_even
        for first, last, letters, spelt in found:
            if is_even:
                begin = reading.begin_of(first)
                end = (begin if first == last else reading.begin_of(last)) + letters
                surface = original[begin:end]
                if surface.isascii():
                    self._place_ascii(surface, begin, end, spelt, places)
                    continue
            offsets = reading.offsets
            for name, _ in spelt:
                self._place(reading.view, offsets[first], offsets[last] + letters, name, places)

    def _place_ascii(self, surface: str, begin: int, end: int, spelt: tuple[Spelt, ...], places: list[Place]) -> None:
        small = surface.lower()
        for name, known in spelt:
            if known is not None:
                evidence: Evidence | None = as_written(known, surface)
            elif small == name.shown.lower():
                evidence = EXACT
            else:
                evidence = self._weighed[name, surface]
            if evidence is not None:
                places.append(Place(name, begin, end, evidence))

    def _place(self, view: View, start: int, end: int, name: Name, places: list[Place]) -> None:
        first, last = view.span(start, end)
        surface = view.original[first:last]
        if surface == name.shown:
            places.append(Place(name, first, last, EXACT))
        elif view.at[end - 1] - first <= _STRETCH * len(name.folded) + _LEEWAY:
            evidence = self._weighed[name, surface] if PLAIN_HANGUL(surface) else weigh(name, view, start, end)
            if evidence is not None:
                places.append(Place(name, first, last, evidence))


def _weigh_alone(name_and_surface: tuple[Name, str]) -> Evidence | None:
    """Weigh a surface that does not depend on what stands around it."""
    name, surface = name_and_surface
    view = read(surface).view if surface.isascii() else read_hangul(surface)
    if view.at[-1] - view.at[0] > _STRETCH * len(name.folded) + _LEEWAY:
        return None
    return weigh(name, view, 0, len(view.folded))


def _place_of(found: tuple[int, int, Names]) -> tuple[int, int]:
    return found[0], found[1]
