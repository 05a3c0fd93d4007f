"""Exact search for many names at once, in scripts that part no words.

What is found depends on the names alone; the automata only say where to look. So an index that was changed step by
step finds exactly what one built at once finds.
"""

import re
from collections.abc import Mapping
from typing import Final

from ahocorasick_rs import AhoCorasick

from klean_stream.brands.names import Name

_STALE = 10_000
"""Keys without a name that are borne, beside as many as there are names."""
_MOST_FRESH = 256
_FRESH_SHARE = 8
"""So many new keys, and so many more for each key in eight that has settled, are searched in an automaton of their own
before all are put into one: a change costs what the few cost."""

_SURROGATE: Final = re.compile(f"[{chr(0xD800)}-{chr(0xDFFF)}]")

Names = tuple[Name, ...]
Hit = tuple[int, int, Names]
"""Start, end and names of a key in a text."""


class KeyedNames:
    """Names by search key."""

    def __init__(self) -> None:
        self.names: dict[str, Names] = {}

    def __len__(self) -> int:
        return len(self.names)

    def add(self, key: str, name: Name) -> None:
        """Add a name under a key (not empty); a name that is there already is not added again."""
        names = self.names.get(key, ())
        if name in names:
            return
        self.names[key] = tuple(sorted((*names, name), key=lambda n: (n.brand_id, n.shown))) if names else (name,)
        if not names:
            self._search_for(key)

    def remove(self, key: str, name: Name) -> None:
        """Remove a name from a key; that the search still leads to the key finds nothing."""
        rest = tuple(n for n in self.names.get(key, ()) if n != name)
        if rest:
            self.names[key] = rest
        elif self.names.pop(key, None) is not None and self._searched() > 2 * len(self.names) + _STALE:
            self._search_anew()

    def _search_for(self, key: str) -> None:
        raise NotImplementedError

    def _searched(self) -> int:
        raise NotImplementedError

    def _search_anew(self) -> None:
        raise NotImplementedError


class NameIndex(KeyedNames):
    """Names that may stand anywhere in a text: Aho-Corasick over their keys."""

    def __init__(self) -> None:
        super().__init__()
        self._settled, self._fresh = _Searched([]), _Searched([])
        self._waiting: list[str] = []

    def find(self, text: str) -> list[Hit]:
        """Give start, end and names of each key in a text of the same folding as the keys; in the order of the text."""
        if self._waiting:
            self._settle()
        found = self._settled.find(text, self.names)
        if self._fresh.keys:
            found += self._fresh.find(text, self.names)
        if len(found) > 1:
            found.sort(key=_span)
        return found

    def _search_for(self, key: str) -> None:
        self._waiting.append(key)

    def _searched(self) -> int:
        return len(self._settled.keys) + len(self._fresh.keys) + len(self._waiting)

    def _search_anew(self) -> None:
        self._settled, self._fresh = _Searched([]), _Searched([])
        self._waiting = list(self.names)

    def _settle(self) -> None:
        # A key that was without a name for a while is searched already.
        fresh = dict.fromkeys((*self._fresh.keys, *self._waiting))
        fresh = {key: None for key in fresh if key not in self._settled.known}
        if len(fresh) > _MOST_FRESH + len(self._settled.keys) // _FRESH_SHARE:
            self._settled, fresh = _Searched([*self._settled.keys, *fresh]), {}
        self._fresh = _Searched(list(fresh))
        self._waiting = []


class _Searched:
    """Keys in an automaton."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        self.known = frozenset(keys)
        self._automaton = AhoCorasick(list(map(_encodable, keys))) if keys else None

    def find(self, text: str, names: Mapping[str, Names]) -> list[Hit]:
        if self._automaton is None:
            return []
        try:
            hits = self._automaton.find_matches_as_indexes(text, overlapping=True)
        except UnicodeEncodeError:
            hits = self._automaton.find_matches_as_indexes(_encodable(text), overlapping=True)
        keys = self.keys
        return [(start, end, names[keys[number]]) for number, start, end in hits if keys[number] in names]


def _encodable(text: str) -> str:
    """Give a text of the same length without lone surrogates, which cannot be encoded."""
    return _SURROGATE.sub("\ufffe", text)


def _span(found: Hit) -> tuple[int, int]:
    return found[0], found[1]
