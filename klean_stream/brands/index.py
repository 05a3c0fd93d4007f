"""Exact search for many names at once: a large base that stands and a small delta that is made anew.

What is found depends on ``_names`` alone; the automata only say where to look. So an index that was changed
step by step finds exactly what one built at once finds.
"""

from collections.abc import Iterable, Iterator

import ahocorasick

from klean_stream.brands.names import Name

# Up to here a new delta is made within milliseconds; beyond, it becomes part of the base.
_LARGEST_DELTA = 2_000


class NameIndex:
    """Names by search key. Keys are found in a text in time linear in its length."""

    def __init__(self) -> None:
        self._names: dict[str, tuple[Name, ...]] = {}
        self._base_keys: set[str] = set()
        self._delta_keys: set[str] = set()
        self._base: ahocorasick.Automaton | None = None
        self._delta: ahocorasick.Automaton | None = None
        self._stale = False

    def __len__(self) -> int:
        return len(self._names)

    def add(self, key: str, name: Name) -> None:
        """Add a name under a key; a name that is there already is not added again."""
        names = self._names.get(key, ())
        if name in names:
            return
        self._names[key] = tuple(sorted((*names, name), key=lambda n: (n.brand_id, n.shown)))
        if key not in self._base_keys and key not in self._delta_keys:
            self._delta_keys.add(key)
            self._stale = True

    def remove(self, key: str, name: Name) -> None:
        """Remove a name from a key; its key stays in the automata until the next merge and finds nothing."""
        rest = tuple(n for n in self._names.get(key, ()) if n != name)
        if rest:
            self._names[key] = rest
        else:
            self._names.pop(key, None)

    def find(self, text: str) -> Iterator[tuple[int, int, tuple[Name, ...]]]:
        """Give start, end and names for each key in a text of the same folding as the keys."""
        if self._stale:
            self._refresh()
        for automaton in (self._base, self._delta):
            if automaton is not None:
                for last, key in automaton.iter(text):
                    names = self._names.get(key)
                    if names is not None:
                        yield last + 1 - len(key), last + 1, names

    def _refresh(self) -> None:
        self._stale = False
        if len(self._delta_keys) > _LARGEST_DELTA or self._base is None:
            self._base_keys = set(self._names)
            self._delta_keys = set()
            self._base, self._delta = _automaton(self._base_keys), None
        else:
            self._delta = _automaton(self._delta_keys)


def _automaton(keys: Iterable[str]) -> ahocorasick.Automaton | None:
    automaton = ahocorasick.Automaton()
    for key in keys:
        automaton.add_word(key, key)
    if not len(automaton):
        return None
    automaton.make_automaton()
    return automaton
