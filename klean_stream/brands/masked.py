"""Well-known names with letters masked out: "N*ke", "샤*".

A reader knows such a name from the goods and the letters that are left, so only names count that are known: those of
brands that have names in more than one script. Where the letters fit more than one brand, a person decides.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import ahocorasick

from klean_stream.brands.names import Name
from klean_stream.text import FOLD, Writing

_MASKS: Final = "*＊●○•◯⬤■□★☆✱×"
_MASKED: Final = re.compile(
    rf"(?<![^\W_])(?=[^\W_]|[{_MASKS}][^\W_]{{2}})[^\W_{_MASKS}]*(?:[{_MASKS}]{{1,3}}[^\W_{_MASKS}]*){{1,2}}"
)
_MOST_WORDS: Final = 10
"""Masked words of a text that are looked up."""
_MOST_BRANDS: Final = 5
"""Brands given for a person to choose from; a mask that fits more says nothing."""
_SHORTEST: Final = {Writing.LETTER: 4, Writing.HANGUL: 2, Writing.HAN: 2}
_WILD: Final = "\0"
_MASK: Final = frozenset(_MASKS)


class MaskedNames:
    """Names of well-known brands by their characters."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, Name]] = {}
        self._trie = ahocorasick.Automaton(ahocorasick.STORE_LENGTH)

    def add(self, names: Iterable[Name]) -> None:
        """Take names into account, those of well-known brands."""
        for name in names:
            key = _key(name)
            if key:
                self._names.setdefault(key, {})[name.brand_id] = name
                self._trie.add_word(key)

    def remove(self, names: Iterable[Name]) -> None:
        """Forget names."""
        for name in names:
            key = _key(name)
            brands = self._names.get(key)
            if brands is not None:
                brands.pop(name.brand_id, None)
                if not brands:
                    del self._names[key]
                    self._trie.remove_word(key)

    def find(self, text: str) -> Iterator[tuple[int, int, Name, bool]]:
        """Give start, end and name of each masked word, and whether it can be no other brand's."""
        if "*" not in text and (text.isascii() or _MASK.isdisjoint(text)):
            return
        for number, word in enumerate(_MASKED.finditer(text)):
            if number == _MOST_WORDS:
                return
            names = self._fitting(word[0])
            if 0 < len(names) <= _MOST_BRANDS:
                for name in names:
                    yield word.start(), word.end(), name, len(names) == 1

    def _fitting(self, word: str) -> list[Name]:
        pattern = "".join(_WILD if c in _MASK else FOLD[c] for c in word)
        masks = pattern.count(_WILD)
        if masks >= len(pattern) or 2 * masks > len(pattern) + 1 or pattern.isalpha():
            return []
        keys = self._trie.keys(pattern, _WILD, ahocorasick.MATCH_EXACT_LENGTH)
        brands = {brand: name for key in sorted(keys) for brand, name in self._names[key].items()}
        return [brands[brand] for brand in sorted(brands)]


def _key(name: Name) -> str:
    if not name.known or name.size < _SHORTEST.get(name.writing, name.size + 1):
        return ""
    key = name.folded if name.writing is not Writing.HANGUL else "".join(c for c in name.shown if "가" <= c <= "힣")
    return key if len(key) == name.size else ""
