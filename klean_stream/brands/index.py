"""Exact search for many names at once, in scripts that part no words.

What is found depends on the names alone; the automata only say where to look. So an index that was changed step by
step finds exactly what one built at once finds.
"""

import ahocorasick

from klean_stream.brands.names import Name

_STALE = 10_000
"""Keys without a name that are borne, beside as many as there are names."""
_MOST_FRESH = 256
_FRESH_SHARE = 8
"""So many new keys, and so many more for each key in eight that has settled, are searched in an automaton of their own
before all are put into one: a change costs what the few cost."""

Names = tuple[Name, ...]


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
        self._settled, self._fresh = _automaton(), _automaton()
        self._waiting: list[str] = []

    def find(self, text: str) -> list[tuple[int, int, Names]]:
        """Give start, end and names of each key in a text of the same folding as the keys; in the order of the text."""
        if self._waiting:
            self._settle()
        found = []
        for automaton in (self._settled, self._fresh):
            if automaton:
                for last, size in automaton.iter(text):
                    start = last + 1 - size
                    names = self.names.get(text[start : last + 1])
                    if names:
                        found.append((start, last + 1, names))
        if len(found) > 1:
            found.sort(key=_span)
        return found

    def _search_for(self, key: str) -> None:
        if key not in self._settled and key not in self._fresh:
            self._waiting.append(key)

    def _searched(self) -> int:
        return len(self._settled) + len(self._fresh) + len(self._waiting)

    def _search_anew(self) -> None:
        self._settled, self._fresh = _automaton(), _automaton()
        self._waiting = list(self.names)

    def _settle(self) -> None:
        fresh = len(self._fresh) + len(self._waiting)
        grown = self._fresh
        if fresh > _MOST_FRESH + len(self._settled) // _FRESH_SHARE:
            grown = self._settled
            self._waiting += self._fresh.keys()
            self._fresh = _automaton()
        for key in self._waiting:
            grown.add_word(key)
        grown.make_automaton()
        self._waiting = []


def _automaton() -> ahocorasick.Automaton:
    return ahocorasick.Automaton(ahocorasick.STORE_LENGTH)


def _span(found: tuple[int, int, Names]) -> tuple[int, int]:
    return found[0], found[1]
