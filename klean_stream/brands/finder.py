"""Find names in a text through several views of it, and weigh what is found.

Which views are made depends on the characters of the text: most texts are searched by their words alone.
"""

from collections.abc import Collection, Iterator
from typing import Final

from klean_stream.brands.boundaries import stands_alone
from klean_stream.brands.evidence import EXACT, TURNED, Evidence, as_written
from klean_stream.brands.hangul_names import HangulNames
from klean_stream.brands.index import Hit, KeyedNames, NameIndex
from klean_stream.brands.masked import MaskedNames
from klean_stream.brands.names import SHORT, Name
from klean_stream.brands.sieve import Found, Sieve, Spelt
from klean_stream.brands.weighing import Place, Stands, Weighing
from klean_stream.brands.word_index import WordIndex
from klean_stream.text import (
    Reading,
    Writing,
    has_han,
    has_hangul,
    has_kana,
    read_stylised,
    read_symbols,
    read_turned,
    skeleton,
    syllables,
)

_SHORTEST_SOUND: Final = 2


class NameFinder:
    """Names, searched for all at once in time linear in the length of the text."""

    def __init__(self, stands: Stands = stands_alone) -> None:
        self._weighing = Weighing(stands)
        self._letters = WordIndex()
        self._characters = NameIndex()
        self._mandarin = NameIndex()
        self._hangul = HangulNames(self._weighing)
        self._masked = MaskedNames()

    def add(self, names: Collection[Name]) -> None:
        """Look for these names from now on."""
        self._masked.add(names)
        for name in names:
            if name.writing is Writing.HANGUL:
                self._hangul.add(name)
            else:
                for index, key in self._keys(name):
                    index.add(key, name)
        self._forget()

    def remove(self, names: Collection[Name]) -> None:
        """Look for these names no longer."""
        self._masked.remove(names)
        for name in names:
            if name.writing is Writing.HANGUL:
                self._hangul.remove(name)
            else:
                for index, key in self._keys(name):
                    index.remove(key, name)
        self._forget()
        self._weighing.forget()

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
        if "*" in text or not plain.is_usual:
            for start, end, name, is_sure in self._masked.find(text):
                places.append(Place(name, start, end, Evidence("masked", 800, is_sure)))
        if not text.isascii():
            if plain.is_odd:
                self._place_odd_letters(plain, places)
            if has_han(text) or has_kana(text):
                self._place_han(plain, places)
            if has_hangul(text):
                places += self._hangul.find(text)
        return places

    def _forget(self) -> None:
        self._letters.forget()
        self._hangul.forget()

    def _keys(self, name: Name) -> Iterator[tuple[KeyedNames, str]]:
        if name.writing in (Writing.HAN, Writing.KANA):
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
        by_look = self._characters.find(plain.skeleton)
        by_sound = self._mandarin.find(syllables(plain.folded))
        if not by_look and not by_sound:
            return
        # What looks like a name sounds like it, too.
        seen = {(start, end, id(name)) for start, end, names in by_look for name in names}
        heard_only = [(s, e, tuple([n for n in names if (s, e, id(n)) not in seen])) for s, e, names in by_sound]
        places += self._weighing.places(plain.view, sorted((*by_look, *heard_only), key=_span))

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
                place = self._weighing.place(reading.view, offsets[first], offsets[last] + letters, name)
                if place is not None:
                    places.append(place)

    def _place_ascii(self, surface: str, begin: int, end: int, spelt: tuple[Spelt, ...], places: list[Place]) -> None:
        small = surface.lower()
        for name, known in spelt:
            if known is not None:
                evidence: Evidence | None = as_written(known, surface)
            elif small == name.shown.lower():
                evidence = EXACT
            else:
                evidence = self._weighing.alone(name, surface)
            if evidence is not None:
                places.append(Place(name, begin, end, evidence))


def _span(hit: Hit) -> tuple[int, int]:
    return hit[0], hit[1]
