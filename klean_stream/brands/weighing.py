"""Make places of what search has found: what stands alone, and is evidence for its name."""

from collections.abc import Callable, Iterable
from typing import Final

from klean_stream.brands.evidence import EXACT, Evidence, weigh
from klean_stream.brands.index import Hit
from klean_stream.brands.names import Name
from klean_stream.text import PLAIN_HANGUL, View, read, read_hangul
from klean_stream.text.remembered import Remembered

Stands = Callable[[Name, View, int, int], bool]

_STRETCH, _LEEWAY = 8, 16
"""A surface is at most so many times as long as its name, and so many characters more: else it is no name."""
_MOST_WEIGHED: Final = 8_192
"""Surfaces remembered at least, with what they are for a name."""


class Place:
    """Where a text shows a name: the half-open span in the original text, and how."""

    __slots__ = ("end", "evidence", "name", "start")

    def __init__(self, name: Name, start: int, end: int, evidence: Evidence) -> None:
        self.name = name
        self.start = start
        self.end = end
        self.evidence = evidence


class Weighing:
    """Weighs hits; those that depend on nothing around them once."""

    def __init__(self, stands: Stands) -> None:
        self._stands = stands
        self._alone = Remembered(_weigh_alone, _MOST_WEIGHED)

    def forget(self) -> None:
        """Forget what was known of surfaces: some of their names are gone."""
        self._alone = self._alone.renewed()

    def alone(self, name: Name, surface: str) -> Evidence | None:
        """Give the evidence of a surface, in ASCII or in plain Hangul, that begins and ends with a letter."""
        if len(surface) - 1 > _STRETCH * len(name.folded) + _LEEWAY:
            return None
        return self._alone[name, surface]

    def places(self, view: View, hits: Iterable[Hit]) -> list[Place]:
        """Give the places of hits in a view."""
        places: list[Place] = []
        stands = self._stands
        for start, end, names in hits:
            for name in names:
                if stands(name, view, start, end):
                    place = self.place(view, start, end, name)
                    if place is not None:
                        places.append(place)
        return places

    def place(self, view: View, start: int, end: int, name: Name) -> Place | None:
        """Give the place of a name that stands alone at ``view.folded[start:end]``; None if it is not the name."""
        first, last = view.span(start, end)
        surface = view.original[first:last]
        if surface == name.shown:
            return Place(name, first, last, EXACT)
        if view.at[end - 1] - first > _STRETCH * len(name.folded) + _LEEWAY:
            return None
        evidence = self.alone(name, surface) if PLAIN_HANGUL(surface) else weigh(name, view, start, end)
        return Place(name, first, last, evidence) if evidence is not None else None


def _weigh_alone(name_and_surface: tuple[Name, str]) -> Evidence | None:
    name, surface = name_and_surface
    view = read(surface).view if surface.isascii() else read_hangul(surface)
    return weigh(name, view, 0, len(view.folded))
