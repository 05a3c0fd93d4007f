"""The matcher, which says whose mark a text uses.

Each place where a text shows a name is judged by what stands around it, and where places overlap the best
evidence wins. What it says is about names only: rights (class, territory, authorised seller) are filtered
afterwards.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, pairwise
from typing import Final

from klean_stream.brands.context import Setting
from klean_stream.brands.finder import NameFinder
from klean_stream.brands.goods import Classes
from klean_stream.brands.match import BrandMatch, ListingText
from klean_stream.brands.names import Name, names_of
from klean_stream.brands.near_misses import NearMisses
from klean_stream.brands.weighing import Place
from klean_stream.events import Brand
from klean_stream.text import read

_MOST_PER_FIELD: Final = 50
_MOST_PER_BRAND: Final = 3
"""Matches given for one field, and of one brand in it: enough for evidence, and rows stay small."""
_OTHER_LETTERS: Final = 900
"""Below this confidence the letters of a surface are other letters than the name's."""


class BrandMatcher:
    """Finds brand names in listings, however they are disguised. Changes are in force at the next match.

    What it finds depends on the brands it holds and not on the way they came in.
    """

    def __init__(self) -> None:
        self._names: dict[str, list[Name]] = {}
        self._finder = NameFinder()
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
        self._names[brand.brand_id] = names = names_of(brand)
        self._finder.add(names)
        self._near.add(names)

    def remove(self, brand_id: str) -> None:
        """Remove a brand; one that is not there is no error."""
        names = self._names.pop(brand_id, None)
        if names:
            self._finder.remove(names)
            self._near.remove(names)

    def match(self, listing: ListingText, classes: Classes | None = None) -> list[BrandMatch]:
        """Give the uses of brands in title and description, in the order of the text. Never raises.

        ``classes`` are the Nice classes of the goods, None if they are not known.
        """
        title, description = listing.title, listing.description
        matches = self._match_field("title", title, classes) if title else []
        if description:
            matches += self._match_field("description", description, classes)
        return matches

    def names(self) -> Iterator[Name]:
        """Give every name that is looked for."""
        return chain.from_iterable(self._names.values())

    def places(self, text: str) -> list[Place]:
        """Give every place at which a text shows a name, before anything is judged: what :mod:`.explain` needs."""
        return self._finder.find(text, read(text))

    def _match_field(self, field: str, text: str, classes: Classes | None) -> list[BrandMatch]:
        plain = read(text)
        setting = Setting(plain, field, classes)
        found: dict[tuple[str, int, int], BrandMatch] = {}
        for place in self._finder.find(text, plain, setting.sieve()):
            name, start, end, evidence = place.name, place.start, place.end, place.evidence
            use = setting.use_of(name, start, end)
            if use == "ordinary":
                continue
            key = name.brand_id, start, end
            match = BrandMatch(
                brand_id=name.brand_id,
                surface=text[start:end],
                start=start,
                end=end,
                field=field,
                technique=evidence.technique,
                confidence=evidence.confidence,
                tier="act" if evidence.sure and use is None else "review",
                use=use,
            )
            if key not in found or _rank(match) < _rank(found[key]):
                found[key] = match
        kept = _best(found.values()) if found else []
        # In running prose an unknown word is mostly just a word.
        if field == "title":
            kept += self._near.find(field, plain, setting, kept)
        if len(kept) > 1:
            kept.sort(key=_place)
        return _few(kept)


def _rank(match: BrandMatch) -> tuple[bool, int, int, str]:
    """Order matches from best to worst: surest tier, longest, most certain."""
    return match.tier != "act", match.start - match.end, -match.confidence, match.technique


def _best(matches: Collection[BrandMatch]) -> list[BrandMatch]:
    """Keep the best of overlapping matches.

    Brands that share the very same place are all kept, but not what only sounds or looks like one that stands there.
    """
    ordered = sorted(matches, key=_place)
    if all(one.end <= next_one.start for one, next_one in pairwise(ordered)):
        return ordered
    taken = bytearray(max(match.end for match in ordered))
    kept: dict[tuple[int, int], list[BrandMatch]] = {}
    for match in sorted(ordered, key=_rank):
        place = match.start, match.end
        if place in kept:
            if match.confidence >= _OTHER_LETTERS or kept[place][0].confidence < _OTHER_LETTERS:
                kept[place].append(match)
        elif taken.find(1, *place) < 0:
            taken[match.start : match.end] = b"\1" * (match.end - match.start)
            kept[place] = [match]
    return [match for place in kept.values() for match in place]


def _place(match: BrandMatch) -> tuple[int, int, str]:
    return match.start, match.end, match.brand_id


def _few(matches: list[BrandMatch]) -> list[BrandMatch]:
    """Keep the first uses of each brand: a text that repeats one name must not hide another behind it."""
    if len(matches) <= _MOST_PER_BRAND:
        return matches
    uses: Counter[tuple[str, str]] = Counter()
    few = []
    for match in matches:
        uses[match.brand_id, match.tier] += 1
        if uses[match.brand_id, match.tier] <= _MOST_PER_BRAND:
            few.append(match)
    if len(few) > _MOST_PER_FIELD:
        few = sorted(sorted(few, key=_place), key=lambda m: m.tier != "act")[:_MOST_PER_FIELD]
        few.sort(key=_place)
    return few
