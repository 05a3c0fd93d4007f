"""The matcher: whose mark does a text use?

Several views of a text are searched for all names at once; each place found is compared with the name, judged
by what stands around it, and where places overlap the best evidence wins. What it says is about names only:
rights (class, territory, authorised seller) are filtered afterwards.
"""

import re
from collections.abc import Iterable, Iterator

from klean_stream.brands.boundaries import stands_alone
from klean_stream.brands.context import use_of
from klean_stream.brands.evidence import weigh
from klean_stream.brands.index import NameIndex
from klean_stream.brands.match import BrandMatch, ListingText
from klean_stream.brands.names import Name, collapsed, names_of
from klean_stream.brands.near_misses import NearMisses
from klean_stream.events import Brand
from klean_stream.text import View, Writing, has_hangul, read, read_hangul, read_romanised, read_symbols, skeleton, sound

_MOST_PER_FIELD = 50
_SHORTEST_REPEATED = 4
_RUN = re.compile(r"([a-z])\1")


class BrandMatcher:
    """Finds brand names in listings, however they are disguised. Changes are in force at the next match."""

    def __init__(self) -> None:
        self._names: dict[str, list[Name]] = {}
        self._letters = NameIndex()
        self._hangul = NameIndex()
        self._near = NearMisses()

    @classmethod
    def build(cls, brands: Iterable[Brand]) -> "BrandMatcher":
        """Give a matcher for these brands; of several with one id the last counts."""
        matcher = cls()
        for brand in brands:
            matcher.put(brand)
        return matcher

    def __len__(self) -> int:
        return len(self._names)

    def put(self, brand: Brand) -> None:
        """Add a brand, or replace the one that has its id."""
        self.remove(brand.brand_id)
        names = names_of(brand)
        self._names[brand.brand_id] = names
        for name in names:
            for index, key in self._keys(name):
                index.add(key, name)
            self._near.add(name)

    def remove(self, brand_id: str) -> None:
        """Remove a brand; one that is not there is no error."""
        for name in self._names.pop(brand_id, ()):
            for index, key in self._keys(name):
                index.remove(key, name)
            self._near.remove(name)

    def match(self, listing: ListingText) -> list[BrandMatch]:
        """Give the uses of brands in title and description, in the order of the text. Never raises."""
        return [
            match
            for field, text in (("title", listing.title), ("description", listing.description))
            if text
            for match in self._match_field(field, text)
        ]

    def _keys(self, name: Name) -> Iterator[tuple[NameIndex, str]]:
        if name.writing is Writing.HANGUL:
            yield self._hangul, sound(name.folded)
            return
        key = skeleton(name.folded)
        yield self._letters, key
        once = collapsed(key)
        # For what is written with repeated letters: such a text is searched with each run written once.
        if once != key and name.size >= _SHORTEST_REPEATED:
            yield self._letters, once

    def _match_field(self, field: str, text: str) -> list[BrandMatch]:
        found: dict[tuple[str, int, int], BrandMatch] = {}
        plain = read(text)
        for view, start, end, names in self._places(text, plain):
            for name in names:
                match = _judge(name, view, start, end, field)
                if match is not None:
                    key = match.brand_id, match.start, match.end
                    if key not in found or _rank(match) < _rank(found[key]):
                        found[key] = match
        kept = _best(found.values())
        # In running prose an unknown word is mostly just a word.
        if field == "title":
            kept += self._near.find(field, plain, [(match.start, match.end) for match in kept])
        kept.sort(key=lambda match: (match.start, match.end, match.brand_id))
        return kept[:_MOST_PER_FIELD]

    def _places(self, text: str, plain: View) -> Iterator[tuple[View, int, int, tuple[Name, ...]]]:
        yield from _search(self._letters, plain)
        symbols = read_symbols(text)
        if symbols is not None:
            yield from _search(self._letters, symbols)
        for view in (plain, symbols):
            if view is not None:
                yield from _search_repeated(self._letters, view)
        if has_hangul(text):
            yield from _search(self._hangul, read_hangul(text))
            romanised = read_romanised(text)
            if romanised is not None:
                yield from _search(self._hangul, romanised)


def _search(index: NameIndex, view: View) -> Iterator[tuple[View, int, int, tuple[Name, ...]]]:
    for start, end, names in index.find(view.skeleton):
        yield view, start, end, names


def _search_repeated(index: NameIndex, view: View) -> Iterator[tuple[View, int, int, tuple[Name, ...]]]:
    """Search with each run of one letter inside a word written once."""
    text = view.skeleton
    if not _RUN.search(text):
        return
    starts = [i for i in range(len(text)) if not i or text[i] != text[i - 1] or view.parted(i)]
    starts.append(len(text))
    once = "".join(text[i] for i in starts[:-1])
    for start, end, names in index.find(once):
        if starts[end] - starts[start] > end - start:
            yield view, starts[start], starts[end], names


def _judge(name: Name, view: View, start: int, end: int, field: str) -> BrandMatch | None:
    if not stands_alone(name, view, start, end):
        return None
    evidence = weigh(name, view, start, end)
    if evidence is None:
        return None
    first, last = view.span(start, end)
    use = use_of(name, view.original, first, last, field)
    if use == "ordinary":
        return None
    return BrandMatch(
        brand_id=name.brand_id,
        surface=view.original[first:last],
        start=first,
        end=last,
        field=field,
        technique=evidence.technique,
        confidence=evidence.confidence,
        tier="act" if evidence.sure and use is None else "review",
        use=use,
    )


def _rank(match: BrandMatch) -> tuple[bool, int, int, str]:
    """Order matches from best to worst: surest tier, longest, most certain."""
    return match.tier != "act", match.start - match.end, -match.confidence, match.technique


def _best(matches: Iterable[BrandMatch]) -> list[BrandMatch]:
    """Keep the best of overlapping matches; brands that share the very same place are all kept."""
    kept: dict[tuple[int, int], list[BrandMatch]] = {}
    taken: list[tuple[int, int]] = []
    for match in sorted(matches, key=lambda m: (*_rank(m), m.start, m.brand_id)):
        place = match.start, match.end
        if place in kept:
            kept[place].append(match)
        elif not any(start < match.end and match.start < end for start, end in taken):
            taken.append(place)
            kept[place] = [match]
    return [match for place in kept.values() for match in place]
