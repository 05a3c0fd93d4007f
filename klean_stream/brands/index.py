"""Exact search for many names at once, in indexes that are changed in place.

What is found depends on the names alone; the tries only say where to look. So an index that was changed step by
step finds exactly what one built at once finds, and a change costs as much as the name is long.
"""

import re
from collections.abc import Callable, Iterator
from operator import add
from typing import NamedTuple

import ahocorasick

from klean_stream.brands.dictionary import ENGLISH_WORDS
from klean_stream.brands.evidence import Evidence, weigh_word
from klean_stream.brands.names import SHORT, Name, collapsed
from klean_stream.text import Writing, skeleton

_MOST_KNOWN, _MOST_STARTS = 24_576, 32_768
"""Words, and pairs and triples of characters, remembered; beyond, all are forgotten, which costs time only."""
_STALE = 10_000
"""Keys without a name that are borne in a trie, beside as many as there are names."""
_MOST_WORDS = 64
"""Words, such as single letters, that are put together to one name."""
_MOST_REPEATED = 2
"""Words in a row that add nothing but the same letter again."""

Names = tuple[Name, ...]
KeyOf = Callable[[str], str]


class NameIndex:
    """Names by search key, and a trie of the keys."""

    def __init__(self) -> None:
        self.names: dict[str, Names] = {}
        self._trie = _trie()
        self._longest = 0

    def __len__(self) -> int:
        return len(self.names)

    def add(self, key: str, name: Name) -> None:
        """Add a name under a key (not empty); a name that is there already is not added again."""
        names = self.names.get(key, ())
        if name in names:
            return
        self.names[key] = tuple(sorted((*names, name), key=lambda n: (n.brand_id, n.shown))) if names else (name,)
        if not names:
            self._trie.add_word(key)
            self._longest = max(self._longest, len(key))

    def remove(self, key: str, name: Name) -> None:
        """Remove a name from a key; that the trie still leads to the key finds nothing."""
        rest = tuple(n for n in self.names.get(key, ()) if n != name)
        if rest:
            self.names[key] = rest
        elif self.names.pop(key, None) is not None and len(self._trie) > 2 * len(self.names) + _STALE:
            self._trie = _trie()
            for left in self.names:
                self._trie.add_word(left)

    def begins(self, text: str) -> bool:
        """Tell if a key may begin with a text."""
        begins: bool = self._trie.match(text)
        return begins

    def find_within(self, text: str, bounds: list[int], place: int) -> Iterator[tuple[int, Names]]:
        """Give end and names for each key from ``bounds[place]`` that ends at a later one of the bounds."""
        start = bounds[place]
        window = text[start : start + self._longest]
        reach = self._trie.longest_prefix(window)
        for later in range(place + 1, len(bounds)):
            size = bounds[later] - start
            if size > reach:
                return
            names = self.names.get(window[:size])
            if names:
                yield start + size, names

    def find_at(self, text: str, start: int) -> Iterator[tuple[int, Names]]:
        """Give end and names for each key that begins there, in a text of the same folding as the keys."""
        window = text[start : start + self._longest]
        for size in range(1, self._trie.longest_prefix(window) + 1):
            names = self.names.get(window[:size])
            if names:
                yield start + size, names


def _trie() -> ahocorasick.Automaton:
    return ahocorasick.Automaton(ahocorasick.STORE_LENGTH)


Spelt = tuple[Name, Evidence | None]
"""A name that a word in ASCII is, and how sure that is; None where it depends on how the word is written."""


class Entry(NamedTuple):
    """What is known of a word, whatever stands around it."""

    once: str
    """Its letters with each run written once."""
    spelt: tuple[Spelt, ...]
    """The names that it is."""
    heads: tuple[tuple[int, tuple[Spelt, ...]], ...]
    """The names that it is but for a number at its end, and where that begins."""
    goes_on: bool
    """A longer name may begin with it."""


class WordIndex(NameIndex):
    """Names in alphabets. They are whole words, so each word of a text is looked up, and its followers put to it."""

    def __init__(self) -> None:
        super().__init__()
        self._known = _KnownWords(self)

    def add(self, key: str, name: Name) -> None:
        """Add a name under its skeleton. :meth:`forget` must follow before the next search."""
        super().add(collapsed(key), name)

    def remove(self, key: str, name: Name) -> None:
        """Remove a name from its skeleton. :meth:`forget` must follow before the next search."""
        super().remove(collapsed(key), name)

    def forget(self) -> None:
        """Forget what was known of words."""
        self._known.clear()

    def find_in(self, words: list[str]) -> Iterator[tuple[int, int, int, tuple[Spelt, ...]]]:
        """Give the first word, the word that is the last, the letters of that one that are used, and the names.

        Words are folded. Where other scripts stand between words, they are words here that no name holds.
        """
        # This loop is where the time of most texts goes.
        begins, last = self._trie.match, len(words) - 1
        for first, entry in enumerate(map(self._known.__getitem__, words)):
            if entry is not None:
                once, spelt, heads, goes_on = entry
                if spelt:
                    yield first, first, len(words[first]), spelt
                if heads:
                    for letters, shorter in heads:
                        yield first, first, letters, shorter
                if goes_on and first < last:
                    following = ONCE[words[first + 1]]
                    if (
                        begins(once + following)
                        or following[0] == once[-1]
                        or (not words[first + 1].isalpha() and begins(once + following[0]))
                    ):
                        yield from self._join(words, first, once)

    def find_unread(self, words: list[str]) -> Iterator[tuple[int, int, Name, bool]]:
        """Give first word, last word, name and if it is the only brand's, where some letters cannot be read.

        Letters of other alphabets inside a Latin word stand for Latin ones; which ones the name itself tells.
        """
        patterns = [_pattern(word) for word in words]
        unread = [place for place, pattern in enumerate(patterns) if _WILD in pattern][:_MOST_UNREAD]
        for first in sorted({start for place in unread for start in range(max(0, place - _MOST_BEFORE), place + 1)}):
            joined = ""
            for last in range(first, min(first + _MOST_BEFORE + 2, len(words))):
                if not patterns[last]:
                    break
                joined = _put(joined, patterns[last])
                if _WILD not in joined:
                    continue
                if not any(True for _ in self._trie.keys(joined, _WILD, ahocorasick.MATCH_AT_LEAST_PREFIX)):
                    break
                size = sum(map(len, words[first : last + 1]))
                letters = "".join(words[first : last + 1])
                names = [
                    name
                    for key in sorted(self._trie.keys(joined, _WILD, ahocorasick.MATCH_EXACT_LENGTH))
                    for name in self.names.get(key, ())
                    if len(name.folded) == size and _agrees(name.folded, letters)
                ]
                brands = {name.brand_id for name in names}
                if len(brands) <= _MOST_BRANDS:
                    for name in names:
                        yield first, last, name, len(brands) == 1

    def entry(self, word: str) -> Entry | None:
        """Look up one folded word."""
        once = ONCE[word]
        spelt = _spell(self.names.get(once, ()), word) or self._other_readings(word)
        heads = (
            tuple((len(head), _spell(names, head)) for head, names in self._heads(word)) if not word.isalpha() else ()
        )
        goes_on = self.begins(once)
        return Entry(once, spelt, heads, goes_on) if spelt or heads or goes_on else None

    def _other_readings(self, word: str) -> tuple[Spelt, ...]:
        """Give the names that a word is if a sign in it that can be read in two ways is read in the rarer one."""
        if word in ENGLISH_WORDS:
            return ()
        return tuple(
            (name, evidence)
            for sign, letter, evidence in _RARER
            if sign in word
            for name in self.names.get(ONCE[word.replace(sign, letter)], ())
            if name.size > SHORT and name.folded == word.replace(sign, letter)
        )

    def _heads(self, word: str, before: str = "") -> Iterator[tuple[str, Names]]:
        """Give the names that a word is but for a number at its end."""
        for number in _NUMBER.finditer(word[:_LONGEST_HEAD]):
            head = word[: number.start()]
            names = self.names.get(_put(before, ONCE[head]), ())
            names = tuple(name for name in names if name.size > SHORT and name.writing is Writing.LETTER)
            if names:
                yield head, names

    def _join(self, words: list[str], first: int, joined: str) -> Iterator[tuple[int, int, int, tuple[Spelt, ...]]]:
        get, repeated, letters = self.names.get, 0, len(joined)
        for last in range(first + 1, min(first + _MOST_WORDS, len(words))):
            word = words[last]
            if not word.isalpha():
                for head, shorter in self._heads(word, joined):
                    yield first, last, len(head), tuple((name, None) for name in shorter)
            longer = _put(joined, ONCE[word])
            repeated = repeated + 1 if longer == joined else 0
            if repeated > _MOST_REPEATED or not self.begins(longer):
                return
            joined = longer
            letters += len(ONCE[word])
            # A letter that ends one word and begins the next is written twice: "Rolex X-ray" is no name with a long x.
            names = tuple((name, None) for name in get(joined, ()) if len(name.folded) >= letters)
            if names:
                yield first, last, len(word), names


_LEET, _LIKE = Evidence("leet", 890), Evidence("confusables", 880)
# The skeleton has one class for each digit. UTS #39 gives rn as what an m can be taken for.
_RARER = (("6", "b", _LEET), ("9", "q", _LEET), ("9", "p", _LEET), ("7", "l", _LEET), ("2", "r", _LEET),
          ("1", "t", _LEET), ("rn", "m", _LIKE), ("cl", "d", _LIKE), ("vv", "w", _LIKE))  # fmt: skip
_WILD = "\0"
_FEWEST_READ = 3
_MOST_UNREAD, _MOST_BEFORE, _MOST_BRANDS = 8, 3, 3
"""Words with unread letters that are looked at, words before and behind one, and brands given for one."""
_LONGEST_HEAD = 64
"""Characters of a word within which a name ends before a number."""
_NUMBER = re.compile(r"(?<=[^\W\d_])\d")


def _pattern(word: str) -> str:
    """Give the search key of a word with a wild card for each letter that cannot be read; "" for foreign words."""
    if word.isascii():
        return ONCE[word]
    read = sum(map(str.isascii, word))
    if read < _FEWEST_READ or 3 * (len(word) - read) > len(word):
        return ""
    return collapsed(skeleton("".join(c if c.isascii() else _WILD for c in word)))


def _agrees(right: str, seen: str) -> bool:
    return all(mine == its or not its.isascii() for mine, its in zip(right, seen, strict=True))


def _put(before: str, word: str) -> str:
    return before + word[1:] if before and before[-1] == word[:1] else before + word


def _spell(names: Names, word: str) -> tuple[Spelt, ...]:
    spelt: list[Spelt] = []
    for name in names:
        evidence = weigh_word(name, word) if word.isascii() else None
        if evidence is not None or not word.isascii():
            spelt.append((name, evidence))
    return tuple(spelt)


class _Once(dict[str, str]):
    """The letters of a folded word with each run of one class written once."""

    def __missing__(self, word: str) -> str:
        if len(self) > _MOST_KNOWN:
            self.clear()
        self[word] = once = collapsed(skeleton(word))
        return once


ONCE = _Once()


class _KnownWords(dict[str, Entry | None]):
    def __init__(self, index: WordIndex) -> None:
        super().__init__()
        self._index = index

    def __missing__(self, word: str) -> Entry | None:
        if len(self) > _MOST_KNOWN:
            self.clear()
        self[word] = entry = self._index.entry(word)
        return entry


class KnownStarts:
    """Where names may begin in scripts that part nothing: at any character, but few characters lead to a search.

    Each index comes with what gives the search key of characters; it is one bit in what is known of two characters,
    and of three where a name may be longer than two.
    """

    def __init__(self, *indexes: tuple[NameIndex, KeyOf]) -> None:
        self._indexes = indexes
        self._pairs = _Remembered(self._know_pair)
        self._triples = _Remembered(self._know_triple)

    def forget(self) -> None:
        """Forget what was known, since names were added or removed."""
        self._pairs.clear()
        self._triples.clear()

    def find_in(self, characters: str) -> list[tuple[int, int]]:
        """Give the places where names may begin, each with the bits of the indexes to be searched."""
        pairs = map(add, characters, characters[1:] + " ")
        found = []
        for place, known in enumerate(map(self._pairs.__getitem__, pairs)):
            if known:
                if known >= _LONGER:
                    known = known % _LONGER | self._triples[characters[place : place + 3]]  # noqa: PLW2901
                if known:
                    found.append((place, known))
        return found

    def _know_pair(self, pair: str) -> int:
        known = 0
        for bit, (index, key_of) in enumerate(self._indexes):
            first, both = key_of(pair[0]), key_of(pair) if pair[1] != " " else ""
            if any(key[:size] in index.names for key in (first, both) for size in range(1, len(key) + 1)):
                known |= 1 << bit
            if first and both and index.begins(both):
                known |= _LONGER << bit
        return known

    def _know_triple(self, triple: str) -> int:
        if len(triple) < 3:
            return 0
        return sum(1 << bit for bit, (index, key_of) in enumerate(self._indexes) if index.begins(key_of(triple)))


_LONGER = 1 << 8


class _Remembered(dict[str, int]):
    def __init__(self, compute: Callable[[str], int]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, characters: str) -> int:
        if len(self) > _MOST_STARTS:
            self.clear()
        self[characters] = known = self._compute(characters)
        return known
