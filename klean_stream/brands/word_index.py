"""Exact search for names in alphabets: they are whole words, so each word of a text is looked up.

What is found depends on the names alone; the trie and what is remembered of words only say where to look. So an index
that was changed step by step finds exactly what one built at once finds.
"""

from collections.abc import Iterator
from typing import Final

import ahocorasick

from klean_stream.brands.dictionary import ENGLISH_WORDS
from klean_stream.brands.evidence import Evidence, weigh_word
from klean_stream.brands.index import KeyedNames, Names
from klean_stream.brands.names import SHORT, Name, collapsed
from klean_stream.brands.sieve import Found, Sieve, Sifted, Spelt
from klean_stream.text import UNPARTED, WRITING, Writing, skeleton
from klean_stream.text.remembered import Remembered

_MOST_KNOWN: Final = 24_576
"""Words remembered at least."""
_MOST_WORDS: Final = 64
"""Words, such as single letters, that are put together to one name."""
_MOST_REPEATED: Final = 2
"""Words in a row that add nothing but the same letter again."""

_Heads = tuple[tuple[int, tuple[Spelt, ...]], ...]


class Entry:
    """What is known of a word that is a name, or begins with one, or begins one.

    ``once`` are its letters with each run written once, ``sifted`` the names that it is, if any. ``heads`` are the
    names that it is but for a number at its end, and where that begins. ``begins``: a longer name may begin with it.
    """

    __slots__ = ("begins", "heads", "once", "sifted")

    def __init__(self, once: str, sifted: Sifted | None, heads: _Heads, *, begins: bool) -> None:
        self.once = once
        self.sifted = sifted
        self.heads = heads
        self.begins = begins


class WordIndex(KeyedNames):
    """Names in alphabets. They are whole words, so each word of a text is looked up, and its followers put to it."""

    def __init__(self) -> None:
        super().__init__()
        self._trie = _trie()
        self._known = Remembered(self.entry, _MOST_KNOWN)

    def add(self, key: str, name: Name) -> None:
        """Add a name under its skeleton. :meth:`forget` must follow before the next search."""
        super().add(collapsed(key), name)

    def remove(self, key: str, name: Name) -> None:
        """Remove a name from its skeleton. :meth:`forget` must follow before the next search."""
        super().remove(collapsed(key), name)

    def forget(self) -> None:
        """Forget what was known of words."""
        self._known = self._known.renewed()

    def find_in(self, words: list[str], sieve: Sieve | None = None) -> list[Found]:
        """Give the names that words are, by themselves or put together; all that pass the sieve. Words are folded.

        Where other scripts stand between words, they are words here that no name holds.
        """
        found: list[Found] = []
        begins, known, last = self._trie.match, self._known, len(words) - 1
        entries = [known[word] for word in words]
        for first, entry in enumerate(entries):
            if isinstance(entry, str):
                continue
            sifted, heads = entry.sifted, entry.heads
            if sifted is not None:
                spelt = sifted.all if sieve is None else sieve.pick(sifted, first)
                if spelt:
                    found.append((first, first, len(words[first]), spelt))
            if heads:
                more = [(first, first, letters, shorter) for letters, shorter in heads]
                found += more if sieve is None else sieve.only(more)
            if entry.begins and first < last:
                once, following = entry.once, _letters_of(entries[first + 1])
                if (
                    begins(once + following)
                    or following[0] == once[-1]
                    or (not words[first + 1].isalpha() and begins(once + following[0]))
                ):
                    more = self._join(words, first, once)
                    if more:
                        found += more if sieve is None else sieve.only(more)
        return found

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

    def entry(self, word: str) -> Entry | str:
        """Look up one folded word; of one that has to do with no name, give its letters with each run written once."""
        once = _once(word)
        if WRITING[word[0]] in UNPARTED:
            return once
        spelt = _spell(self.names.get(once, ()), word) or self._other_readings(word)
        heads: _Heads = ()
        if not word.isalpha():
            heads = tuple([(len(head), _spell(names, head)) for head, names in self._heads(word)])
        begins: bool = self._trie.match(once)
        if not (spelt or heads or begins):
            return once
        return Entry(once, Sifted(spelt) if spelt else None, heads, begins=begins)

    def _search_for(self, key: str) -> None:
        self._trie.add_word(key)

    def _searched(self) -> int:
        return len(self._trie)

    def _search_anew(self) -> None:
        self._trie = _trie()
        for key in self.names:
            self._trie.add_word(key)

    def _other_readings(self, word: str) -> tuple[Spelt, ...]:
        """Give the names that a word is if a sign in it that can be read in two ways is read in the rarer one."""
        if word.isalpha() and "rn" not in word and "cl" not in word and "vv" not in word:
            return ()
        spelt: list[Spelt] = []
        for sign, letter, evidence in _RARER:
            if sign in word:
                other = word.replace(sign, letter)
                names = self.names.get(_once(other), ())
                spelt += [(name, evidence) for name in names if name.size > SHORT and name.folded == other]
        return () if not spelt or word in ENGLISH_WORDS else tuple(spelt)

    def _heads(self, word: str, before: str = "") -> list[tuple[str, Names]]:
        """Give the names that a word is but for a number at its end."""
        heads: list[tuple[str, Names]] = []
        for end in range(1, min(len(word), _LONGEST_HEAD)):
            before_it = word[end - 1]
            if not word[end].isdecimal() or before_it.isdecimal() or not before_it.isalnum():
                continue
            head = word[:end]
            names = self.names.get(_put(before, _once(head)), ())
            names = tuple([name for name in names if name.size > SHORT and name.writing is Writing.LETTER])
            if names:
                heads.append((head, names))
        return heads

    def _join(self, words: list[str], first: int, joined: str) -> list[Found]:
        found: list[Found] = []
        get, begins, repeated, letters = self.names.get, self._trie.match, 0, len(joined)
        for last in range(first + 1, min(first + _MOST_WORDS, len(words))):
            word = words[last]
            if not word.isalpha():
                for head, shorter in self._heads(word, joined):
                    found.append((first, last, len(head), tuple([(name, None) for name in shorter])))
            once = _letters_of(self._known[word])
            longer = _put(joined, once)
            repeated = repeated + 1 if longer == joined else 0
            if repeated > _MOST_REPEATED or not begins(longer):
                break
            joined = longer
            letters += len(once)
            names = get(joined)
            if names:
                # A letter that ends one word and begins the next is written twice: "Rolex X-ray" has no long x.
                spelt = tuple([(name, None) for name in names if len(name.folded) >= letters])
                if spelt:
                    found.append((first, last, len(word), spelt))
        return found


_LEET, _LIKE = Evidence("leet", 890), Evidence("confusables", 880)
# The skeleton has one class for each digit. UTS #39 gives rn as what an m can be taken for.
_RARER: Final = (("6", "b", _LEET), ("9", "q", _LEET), ("9", "p", _LEET), ("7", "l", _LEET), ("2", "r", _LEET),
          ("1", "t", _LEET), ("rn", "m", _LIKE), ("cl", "d", _LIKE), ("vv", "w", _LIKE))  # fmt: skip
_WILD: Final = "\0"
_FEWEST_READ: Final = 3
_MOST_UNREAD, _MOST_BEFORE, _MOST_BRANDS = 8, 3, 3
"""Words with unread letters that are looked at, words before and behind one, and brands given for one."""
_LONGEST_HEAD: Final = 64
"""Characters of a word within which a name ends before a number."""


def _pattern(word: str) -> str:
    """Give the search key of a word with a wild card for each letter that cannot be read; "" for foreign words."""
    if word.isascii():
        return _once(word)
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


def _trie() -> ahocorasick.Automaton:
    return ahocorasick.Automaton(ahocorasick.STORE_LENGTH)


def _letters_of(entry: Entry | str) -> str:
    return entry if isinstance(entry, str) else entry.once


def _once(word: str) -> str:
    """Give the letters of a folded word with each run of one class written once."""
    return collapsed(skeleton(word))
