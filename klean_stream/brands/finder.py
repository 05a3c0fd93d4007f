"""Find names in a text through several views of it, and weigh what is found."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from klean_stream.brands.boundaries import stands_alone
from klean_stream.brands.evidence import Evidence, weigh
from klean_stream.brands.index import NameIndex
from klean_stream.brands.names import Name, collapsed
from klean_stream.text import (
    View,
    Writing,
    has_han,
    has_hangul,
    read_hangul,
    read_mandarin,
    read_romanised,
    read_symbols,
    skeleton,
    sound,
    syllables,
)

Stands = Callable[[Name, View, int, int], bool]

_RUN = re.compile(r"([a-z])\1")
_SHORTEST_REPEATED = 4
_SHORTEST_SOUND = 2
_STRETCH, _LEEWAY = 8, 16
"""A surface is at most so many times as long as its name, and so many characters more: else it is no name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text shows a name: the half-open span in the original text, and how."""

    name: Name
    start: int
    end: int
    evidence: Evidence


class NameFinder:
    """Names, searched for all at once in time linear in the length of the text."""

    def __init__(self, stands: Stands = stands_alone) -> None:
        self._stands = stands
        self._letters = NameIndex()
        self._hangul = NameIndex()
        self._mandarin = NameIndex()

    def add(self, names: Iterable[Name]) -> None:
        """Look for these names from now on."""
        for name in names:
            for index, key in self._keys(name):
                index.add(key, name)

    def remove(self, names: Iterable[Name]) -> None:
        """Look for these names no longer."""
        for name in names:
            for index, key in self._keys(name):
                index.remove(key, name)

    def find(self, text: str, plain: View) -> Iterator[Place]:
        """Give all places, overlapping and repeated ones included; ``plain`` is the text as :func:`read`."""
        for view, start, end, names in self._candidates(text, plain):
            for name in names:
                if view.at[end - 1] - view.at[start] > _STRETCH * len(name.folded) + _LEEWAY:
                    continue
                if not self._stands(name, view, start, end):
                    continue
                evidence = weigh(name, view, start, end)
                if evidence is not None:
                    yield Place(name, *view.span(start, end), evidence)

    def _keys(self, name: Name) -> Iterator[tuple[NameIndex, str]]:
        if name.writing is Writing.HANGUL:
            yield self._hangul, sound(name.folded)
            return
        key = skeleton(name.folded)
        yield self._letters, key
        if name.writing is Writing.HAN and name.size >= _SHORTEST_SOUND:
            yield self._mandarin, syllables(name.folded)
        once = collapsed(key)
        # For what is written with repeated letters: such a text is searched with each run written once.
        if once != key and name.size >= _SHORTEST_REPEATED:
            yield self._letters, once

    def _candidates(self, text: str, plain: View) -> Iterator[tuple[View, int, int, tuple[Name, ...]]]:
        symbols = read_symbols(text)
        for view in (plain, symbols):
            if view is not None:
                yield from _search(self._letters, view)
                yield from _search_once(self._letters, view)
        if has_han(text):
            yield from _search(self._mandarin, read_mandarin(plain))
        if has_hangul(text):
            yield from _search(self._hangul, read_hangul(text))
            romanised = read_romanised(text)
            if romanised is not None:
                yield from _search(self._hangul, romanised)


def _search(index: NameIndex, view: View) -> Iterator[tuple[View, int, int, tuple[Name, ...]]]:
    for start, end, names in index.find(view.skeleton):
        yield view, start, end, names


def _search_once(index: NameIndex, view: View) -> Iterator[tuple[View, int, int, tuple[Name, ...]]]:
    """Search with each run of one letter inside a word written once."""
    text = view.skeleton
    if not _RUN.search(text):
        return
    starts = [i for i in range(len(text)) if not i or text[i] != text[i - 1] or view.parted(i)]
    starts.append(len(text))
    once = "".join(text[i] for i in starts[:-1])
    for start, end, names in index.find(once):
        # Where nothing was written twice, the plain search has been.
        if starts[end] - starts[start] > end - start:
            yield view, starts[start], starts[end], names
